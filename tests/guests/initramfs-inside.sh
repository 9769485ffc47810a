#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# initramfs-inside.sh VERSION        in the guests' tree: makes in /out
#   dracut.img       as dracut makes it for any machine, with systemd, and with a stock step of the Qubes kind
#   dracut-sh.img    the same without systemd and without a stock step
#   tools.img        by initramfs-tools, with the stock step
# Without what is large and of no use to a guest: the drivers are the ones that our module asks for.
set -euo pipefail
omit="kernel-modules kernel-modules-extra qemu drm plymouth i18n crypt lvm mdraid btrfs dmraid multipath nvdimm"
by_dracut() { # NAME OMIT
	dracut --quiet --force --no-hostonly --no-hostonly-cmdline --kver "$version" --compress "gzip -1" \
		--omit "$omit $2" "/out/$1" </dev/null
}
version=$1
by_dracut dracut.img ""
by_dracut dracut-sh.img "qubes-vm systemd systemd-initrd dracut-systemd"
printf '%s\n' MODULES=list COMPRESS=gzip COMPRESSLEVEL=1 >/etc/initramfs-tools/conf.d/tests
mkinitramfs -o /out/tools.img "$version"
chmod 644 /out/*.img
