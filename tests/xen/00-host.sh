#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated Xen host is what the tests take it for: xl works and a PVH guest runs.
# shellcheck source=tests/host/lib.sh
. /tests/lib.sh
# shellcheck source=tests/host/lib-xen.sh
. /tests/lib-xen.sh

info=$(xl info)
like "$info" 'xen_version +: 4\.' "xl talks to Xen"
like "$info" 'virt_caps +: .*hvm' "PVH guests can run"
is "$(dmsetup ls)" "No devices found" "device-mapper works in dom0"

# shellcheck disable=SC2016 # the guest expands it
GUEST_RUN='echo "it says $((6 * 7))"; ls /dev/mapper' guest_config sample
ok "a guest starts" guest_start sample
ok "its console is read" guest_wait_for_text sample "it says 42" 60
ok "it powers off" guest_gone sample 60
