#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh OUT      makes the folder OUT, a kernel of the Qubes kind: vmlinuz, modules.img, and an initramfs that
#                   Debian's dracut makes as Qubes calls it, with the module in dracut/ here in the place
#                   of Qubes' own; one gzip member
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "$1")
folder=$("$here/../guests/build.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(cat "$folder/version")
mkdir -p "$work/lay/usr/lib/dracut/modules.d" "$work/out" "$work/modules/$version/kernel" "$out"
cp -a "$here/dracut/." "$work/lay/usr/lib/dracut/modules.d/"
GUESTS=$folder "$here/../guests/in-tree.sh" --lay "$work/lay" --out "$work/out" \
	dracut --nomdadmconf --nolvmconf --force --no-hostonly --no-early-microcode --gzip --reproducible \
	--modules "kernel-modules stock-simple busybox" --conf /dev/null --confdir /tmp \
	-d "xen-blkfront cdrom ext4 jbd2 crc16 dm_snapshot" \
	/out/initramfs "$version" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
install -m 644 -t "$work/modules" "$folder/vmlinuz" "$work/out/initramfs"
echo xvdd >"$work/modules/$version/whose"
truncate -s 48M "$work/modules.img"
mkfs.ext3 -q -F -d "$work/modules" "$work/modules.img"
install -m 644 -t "$out" "$folder/vmlinuz" "$work/out/initramfs" "$work/modules.img"
