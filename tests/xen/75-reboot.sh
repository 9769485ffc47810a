#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# A guest that reboots, and one that is reset softly: a new key each time.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

truncate -s 16M disk.img
disk=$(losetup -f --show disk.img)
before=$(host_state)

# shellcheck disable=SC2016 # the guest expands it
GUEST_RUN='echo "FOUND $(grep -c MARKER /dev/xvdc) OF"
yes MARKER | dd of=/dev/xvdc bs=1M iflag=fullblock count=16 oflag=direct
echo "WRITTEN $(grep -c MARKER /dev/xvdc) OF"; sleep 1000' \
	guest_config again "$(disk rw xvdc "volatile:dev=$disk")"
sed -i 's/^on_reboot=.*/on_reboot="restart"/' "$guest_dir/again.cfg"
# In the foreground: what xl says of it is in a file of this test's own.
: >/var/log/xen/console/guest-again.log
xl create -F "$guest_dir/again.cfg" </dev/null >xl.log 2>&1 &
ok "a guest starts" wait_for 60 xl domid again
times_printed() { [ "$(guest_console again | grep -c "$1")" = "$2" ]; }
ok "it writes to its whole disk" wait_for 200 times_printed 'WRITTEN .*OF' 1
first=$(xl domid again)
old=$(mapping_of "$first" $xvdc)
ok "the guest reboots" xl sysrq again b
ok "it comes up again and writes to its whole disk" wait_for 240 times_printed 'WRITTEN .*OF' 2
domid=$(xl domid again)
isnt "$domid" "$first" "it is a new domain"
like "$(mapping_of "$domid" $xvdc)" "^xeneph-$domid-$xvdc-" "with a mapping of its own"
is "$(mapping_of "$first" $xvdc)" "" "the old one is gone"
is "$(guest_console again | grep -o 'FOUND.*OF' | tr '\n' ' ')" "FOUND 0 OF FOUND 0 OF " \
	"of what it had written, over the same store, nothing is to be read"
like "$(guest_console again | grep -o 'WRITTEN.*OF' | tr '\n' ' ')" \
	"^WRITTEN [1-9][0-9]* OF WRITTEN [1-9][0-9]* OF \$" "though it could be read before"

# libxl does a soft reset of HVM domains only (libxl_domain_soft_reset); xl then destroys the domain.
ok "a soft reset is asked for" /usr/lib/xen-ephemeral-tests/domain soft-reset "$domid"
ok "xl ends this PVH domain" guest_gone again 60
like "$(cat xl.log)" \
	"Domain $domid has shut down, reason code 5 .*Action for shutdown reason code 5 is soft-reset" \
	"because it cannot reset it"
nothing_left "after the soft reset" "$before"

# What libxl does to the disk of an HVM domain: gone and there again, under the same domid.
attach() { vbd_make "$domid" $xvdc w "volatile:dev=$disk" && vbd_run add "$domid" $xvdc; }
head_of() { dd if="$(device_of "$1")" bs=1M skip=1 count=1 iflag=direct status=none | md5sum; }
ok "a disk" attach
old=$(mapping_of "$domid" $xvdc)
yes MARKER | dd of="$(device_of "$old")" bs=1M iflag=fullblock count=16 oflag=direct status=none
written=$(head_of "$old")
is "$written" "$(yes MARKER | dd bs=1M iflag=fullblock skip=1 count=1 status=none | md5sum)" \
	"what was written to it is read"
vbd_drop "$domid" $xvdc
ok "remove" vbd_run remove "$domid" $xvdc
# A mapping's name goes before it lets go of its store.
wait_for 20 unused "$disk"
ok "the disk once more" attach
new=$(mapping_of "$domid" $xvdc)
isnt "$new" "$old" "it has a new mapping"
isnt "$(head_of "$new")" "$written" "and a new key: what was written is not to be read"
vbd_drop "$domid" $xvdc
ok "remove" vbd_run remove "$domid" $xvdc
nothing_left "in the end" "$before"
losetup -d "$disk"
