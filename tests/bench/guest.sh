#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make bench-guest`: runs in dom0 of the emulated Xen host. A guest's time from the kernel's start to the
# system's init, with an initramfs of the Qubes kind that was made ready and maps root and private,
# beside the stock one, which maps the root alone. Rounds interleaved, medians; only the ratio counts.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

rounds=${ROUNDS:-9} ours=() stock=()
cd /scratch || exit 1

make_images() {
	mkdir -p tree/{bin,sbin,etc,dev,proc,sys,rw} "tree/lib/modules/$(uname -r)/kernel"
	cp "$(command -v busybox)" tree/bin/busybox
	printf '%s\n' '/dev/mapper/dmroot / ext4 defaults 0 1' '/dev/xvdb /rw ext4 defaults 0 0' >tree/etc/fstab
	printf '%s\n' '#!/bin/busybox sh' '/bin/busybox mount -t proc proc /proc' \
		'/bin/busybox mount -t devtmpfs dev /dev' \
		'echo "UP $(/bin/busybox cut -d" " -f1 /proc/uptime) $(/bin/busybox ls /dev/mapper | /bin/busybox tr "\n" " ")"' \
		'/bin/busybox poweroff -f' >tree/sbin/init
	chmod 755 tree/sbin/init
	truncate -s 64M root.img && mkfs.ext4 -q -F -d tree root.img
	image_private private.img 32
	truncate -s 32M writable.img
	writable=$(losetup -f --show writable.img)
}

# boot NAME MAPPINGS INITRAMFS PRIVATE: appends milliseconds to the array NAME.
boot() {
	local -n times=$1
	local line
	GUEST_RAMDISK=/guest/qubes/$3 GUEST_EXTRA=ro guest_config "$1" "$(disk ro xvda "$PWD/root.img")" "$4" \
		"$(disk rw xvdc "volatile:dir=$PWD,size=200M")"
	guest_start "$1" >/dev/null 2>&1 && guest_gone "$1" 60 >/dev/null
	line=$(guest_console "$1" | grep -o "^UP .*$2 ") || { echo "failed: $1" && guest_console "$1" && exit 1; }
	line=${line#UP }
	line=${line%% *}
	times+=("$((10#${line/./} * 10))")
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

make_images
for ((i = 0; i < rounds; i++)); do
	boot ours "control dmhome dmroot" prepared "$(disk ro xvdb "$PWD/private.img")"
	boot stock "control dmroot" stock "phy:$writable,xvdb,w"
done
echo "milliseconds from the kernel's start to init, of $rounds interleaved rounds:"
echo "  ours   ${ours[*]}: median $(median "${ours[@]}")"
echo "  stock  ${stock[*]}: median $(median "${stock[@]}")"
awk -v a="$(median "${ours[@]}")" -v b="$(median "${stock[@]}")" 'BEGIN {
	printf "  ours/stock  %.3f   at most 1.10  %s\n", a / b, a / b <= 1.10 ? "met" : "MISSED"
	exit a / b > 1.10
}'
