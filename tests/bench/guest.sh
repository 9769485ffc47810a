#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group guest: a PVH guest's time from its kernel's start to the system's init, with an initramfs of the Qubes kind that was
# made ready and maps root and private, beside the stock one, which maps the root alone. Needs `make overlay-qubes`.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/lib-xen.sh
. /tests/bench/lib.sh

# A kernel as Qubes ships it, which tries its ciphers at each boot.
guest_no_self_tests=

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
}

# boot NAME MAPPINGS INITRAMFS PRIVATE: its milliseconds are a sample.
boot() {
	local line
	GUEST_RAMDISK=/guest/qubes/$3 GUEST_EXTRA=ro guest_config "$1" "$(disk ro xvda "$PWD/root.img")" "$4" \
		"$(disk rw xvdc "volatile:dir=$PWD,size=200M")"
	guest_start "$1" >output 2>&1 || { cat output && give_up "xl create $1"; }
	guest_gone "$1" 300 || give_up "$1 does not come to its end"
	line=$(guest_console "$1" | grep -o "^UP .*$2 ") || { guest_console "$1" && give_up "$1 has not mapped $2"; }
	line=${line#UP }
	line=${line%% *}
	sample "$1" ms "$((10#${line/./} * 10))"
}

make_images
writable=$(plain xvdb "$PWD/writable.img")
for ((round = 0; round <= rounds; round++)); do
	boot prepared "control dmhome dmroot" prepared "$(disk ro xvdb "$PWD/private.img")"
	boot stock "control dmroot" stock "$writable"
	progress "round $round of $rounds ($SECONDS s)"
done
plain_end
