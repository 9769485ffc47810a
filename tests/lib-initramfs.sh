# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests with an initramfs that a distribution's program made: . /tests/lib.sh; . /tests/lib-xen.sh;
# . /tests/lib-disks.sh; . /tests/lib-initramfs.sh

# tree_root TREE PRIVATE: a root filesystem whose init mounts /rw from PRIVATE, grows its filesystem by
# its disk's name as Qubes' setup-rw.sh does, and goes on as the demo's. systemd in an initramfs
# hands over to nothing that has no os-release.
tree_root() {
	local library
	mkdir -p "$1"/{bin,sbin,etc,dev,proc,sys,run,rw,tmp,lib64}
	cp "$(command -v busybox)" "$1/bin/busybox"
	cp /usr/sbin/resize2fs "$1/sbin/"
	for library in $(/lib64/ld-linux-x86-64.so.2 --list /usr/sbin/resize2fs | grep -o '/[^ ]*'); do
		cp -L "$library" "$1/lib64/"
	done
	cp /usr/lib/xen-ephemeral-tests/demo-init "$1/sbin/demo-init"
	cat >"$1/sbin/init" <<'X'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -o remount,rw / 2>/dev/null
/bin/busybox mount /rw && LD_LIBRARY_PATH=/lib64 /sbin/resize2fs /dev/xvdb 2>&1 | /bin/busybox sed 's/^/GUEST resize: /'
/bin/busybox umount /rw
exec /sbin/demo-init
X
	chmod 755 "$1/sbin/init"
	ln -s ../bin/busybox "$1/sbin/poweroff"
	echo 'ID=test' >"$1/etc/os-release"
	printf '%s\n' '/dev/mapper/dmroot / ext4 defaults 0 1' "$2 /rw auto defaults 0 0" >"$1/etc/fstab"
}

# root_image FILE MIB [PRIVATE]: the same as an image, sparse.
root_image() {
	local tree
	tree=$(mktemp -d)
	tree_root "$tree" "${3:-/dev/xvdb}"
	truncate -s "$2M" "$1"
	mkfs.ext4 -q -F -U 01234567-89ab-cdef-0123-456789abcdef -E lazy_itable_init=1 -d "$tree" "$1"
	rm -r "$tree"
}

# in_table FILE LABEL SIZE...: FILE becomes the disk whose last partition it was, after others of so many MiB.
in_table() {
	local file=$1 label=$2 at=1 size=$(($(stat -c %s "$1") / 1048576)) before table="label: gpt"
	shift 2
	truncate -s $((size + 8))M "$file.disk"
	for before; do
		table+=$'\n'"start=${at}MiB, size=${before}MiB"
		at=$((at + before))
	done
	sfdisk -q "$file.disk" <<<"$table"$'\n'"start=${at}MiB, size=${size}MiB, name=\"$label\""
	dd if="$file" of="$file.disk" bs=1M seek="$at" conv=notrunc,sparse status=none
	mv "$file.disk" "$file"
}

# dirty FILE: as a machine leaves its filesystem that loses power: a file DIRTY is in the journal only.
dirty() {
	local at loop
	at=$(mktemp -d)
	loop=$(losetup --show -f "$1") && mount "$loop" "$at"
	echo REPLAYED >"$at/DIRTY"
	sync
	cp --sparse=always "$1" "$1.copy"
	umount "$at"
	losetup -d "$loop"
	mv "$1.copy" "$1"
	dumpe2fs -h "$1" 2>/dev/null | grep -q needs_recovery
}

# initramfs_guest NAME IMAGE ROOT DISK...: starts a guest with /guest/IMAGE and root=ROOT.
initramfs_guest() {
	local name=$1 image=$2 root=$3
	shift 3
	GUEST_MEMORY=${GUEST_MEMORY:-320} GUEST_RAMDISK=/guest/$image \
		GUEST_EXTRA="root=$root marker=$marker hold=forever" guest_config "$name" "$@"
	ok "$name: starts" guest_start "$name"
}

# ready NAME: its init has done everything; sets $console.
ready() {
	ok "$1: boots to its end" guest_wait_for_text "$1" "GUEST READY $marker" 250
	console=$(guest_console "$1")
}

# on_store NAME [PARTITION]: root, private disk and swap are all on xvdc.
on_store() {
	ready "$1"
	like "$console" "GUEST marker / written, /dev/mapper/dmroot rw" "$1: / is dmroot"
	like "$console" "GUEST marker /rw written, /dev/mapper/dmhome${2:-} rw" "$1: /rw is dmhome${2:-}"
	like "$console" "/dev/xvdc1 +partition" "$1: swap is on"
	like "$console" "/dev/mapper/dmhome${2:-} +[0-9].* /rw" "$1: df shows dmhome"
	unlike "$console" "stock step" "$1: the stock step did nothing"
}

# stock_way NAME: the root is read-only and private writable, so the stock step does what it ever did.
stock_way() {
	ready "$1"
	like "$console" "stock step: one snapshot" "$1: the stock step has done its work"
	like "$console" "GUEST marker / written, /dev/mapper/dmroot rw" "$1: / is its snapshot"
	like "$console" "GUEST marker /rw written, /dev/xvdb rw" "$1: /rw is the disk"
	unlike "$console" "xen-ephemeral:" "$1: nothing of ours"
	stop "$1"
}

# powers_off NAME SECONDS MESSAGE: ends by itself, saying why; not one line of the system was run.
powers_off() {
	ok "$1: ends by itself" guest_gone "$1" "$2"
	console=$(guest_console "$1")
	like "$console" "xen-ephemeral: $3" "$1: says why"
	unlike "$console" "GUEST" "$1: the system is not started"
}

# stop NAME...: kills the guests.
stop() {
	local name
	for name; do xl destroy "$name"; done
}
