#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# dom0 does not read what guests wrote: a real udevd probes no filesystem on a device of ours nor on the
# loop devices below, and makes no link by its label, whoever the event comes from. Without our rules it does.
. /tests/lib.sh
. /tests/lib-disks.sh
xvdd=51760
rules=/usr/lib/udev/rules.d/09-xen-ephemeral.rules

# hold TARGET DEVID: builds it. Sets $name and $device, and adds its end to $inputs.
inputs=() holders=()
hold() {
	local fifo number
	fifo=$(mktemp -u "$PWD/in.XXXX")
	mkfifo "$fifo"
	"$tool" hold "$1" 7 "$2" <"$fifo" >"$fifo.out" 2>&1 &
	holders+=($!)
	exec {input}>"$fifo"
	inputs+=("$input")
	wait_for 60 grep -q . "$fifo.out"
	read -r said number name <"$fifo.out"
	[ "$said" = holding ] || bail "cannot build $1: $(cat "$fifo.out")"
	device=/dev/$(basename "$(readlink "/sys/dev/block/$number")")
}

# again DEVICE...: an event that another program asks for.
again() {
	udevadm trigger --action=change "$@"
	udevadm settle --timeout=60
}

# unread NAME DEVICE LABEL
unread() {
	unlike "$(udevadm info --query=property "$2")" "ID_FS_|ID_PART_" "$1: udev knows of no filesystem"
	fails "$1: there is no link by its label" test -e "/dev/disk/by-label/$3"
	like "$(udevadm info --query=property "$2")" "UDISKS_IGNORE=1" "$1: udisks is told to leave it alone"
	like "$(udevadm info --query=property "$2")" "SYSTEMD_READY=0" "$1: so is systemd"
}

# is_read NAME DEVICE LABEL
is_read() {
	like "$(udevadm info --query=property "$2")" "ID_FS_LABEL=$3" "$1: udev knows its filesystem"
	ok "$1: there is a link by its label" test -e "/dev/disk/by-label/$3"
}

image() { truncate -s 16M "$1" && mkfs.ext4 -q -F -L "$2" "$1"; }

image plain.img PLAIN-LABEL
image mounted.img MOUNTED-LABEL
image origin.img ORIGIN-LABEL
image cow.img COW-LABEL
image part.img PART-LABEL
truncate -s 24M parts.img ordinary.img
for disk in parts.img ordinary.img; do
	sfdisk -q "$disk" <<<$'label: gpt\nstart=1MiB, size=16MiB'
	dd if=part.img of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
done
tune2fs -L ORDINARY-LABEL part.img >/dev/null
dd if=part.img of=ordinary.img bs=1M seek=1 conv=notrunc status=none
before=$(host_state)

# An ordinary loop device, and one that clears itself, as mount makes it.
plain=$(losetup -f --show plain.img)
mkdir mnt
mount -o loop mounted.img mnt
mounted=$(findmnt -n -o SOURCE mnt)
is "$(cat "/sys/class/block/${mounted#/dev/}/loop/autoclear")" 1 "mount's loop device clears itself too"
again "$plain" "$mounted"
is_read "an ordinary loop device" "$plain" PLAIN-LABEL
is_read "mount's loop device" "$mounted" MOUNTED-LABEL

hold "$PWD/origin.img" $xvda
origin=$device
again "$origin"
unread "a read-only disk's loop device" "$origin" ORIGIN-LABEL

# Partitions in a guest's image, which a program of dom0 has the kernel find.
plain_parts=$(losetup -f --show ordinary.img)
hold "$PWD/parts.img" $xvdd
parts=$device
for disk in "$plain_parts" "$parts"; do partx -a "$disk" 2>/dev/null; done
again "${plain_parts}p1" "${parts}p1"
is_read "a partition of an ordinary loop device" "${plain_parts}p1" ORDINARY-LABEL
unread "a partition in a read-only disk" "${parts}p1" PART-LABEL
partx -d "$plain_parts"
partx -d "$parts"
losetup -d "$plain_parts"

hold "volatile:dir=$PWD,size=16M" $xvdc
volatile=$device mapping=$name store=$(store_of "$device")
mkfs.ext4 -q -L GUEST-LABEL "$volatile"
again "$volatile" "$store"
unread "a volatile disk" "$volatile" GUEST-LABEL
unread "its store" "$store" GUEST-LABEL

hold "cow:origin=$PWD/cow.img,dir=$PWD,size=16M" $xvdb
cow=$device cow_mapping=$name
below=("/sys/class/block/${cow#/dev/}/slaves/"*)
below=("${below[@]/#*\//\/dev/}")
is "${#below[@]}" 2 "a cow disk stands on ${below[*]}"
ok "a cow disk shows its origin's filesystem" grep -qa COW-LABEL "$cow"
again "$cow" "${below[@]}"
unread "a cow disk" "$cow" COW-LABEL
for part in "${below[@]}"; do unread "below a cow disk, $part" "$part" COW-LABEL; done

# An event that says nothing of who made the device: resumed by another program.
resume() {
	local one
	for one in "$mapping" "$cow_mapping"; do
		dmsetup suspend "$one" && dmsetup resume "$one" || fail_with "resume $one"
	done
	again "$origin"
}
resume
unread "a volatile disk that was resumed" "$volatile" GUEST-LABEL
unread "a cow disk that was resumed" "$cow" COW-LABEL
# Written to and closed by a program of dom0: nothing watches for that.
: >"$volatile"
dd if=/dev/zero of="$volatile" bs=4096 count=1 seek=100 conv=notrunc status=none
udevadm settle --timeout=60
unread "a volatile disk that was written to" "$volatile" GUEST-LABEL

# All of that is ours to keep away: without the rules it is read.
mv "$rules" "$rules.off"
udevadm control --reload
resume
is_read "without the rules, a read-only disk's loop device" "$origin" ORIGIN-LABEL
is_read "without the rules, a volatile disk" "$volatile" GUEST-LABEL
is_read "without the rules, a cow disk" "$cow" COW-LABEL
mv "$rules.off" "$rules"
udevadm control --reload
resume
unread "with them again, a read-only disk's loop device" "$origin" ORIGIN-LABEL
unread "with them again, a volatile disk" "$volatile" GUEST-LABEL
unread "with them again, a cow disk" "$cow" COW-LABEL

for input in "${inputs[@]}"; do exec {input}>&-; done
wait "${holders[@]}"
umount mnt
losetup -d "$plain"
udevadm settle --timeout=60
nothing_left "at the end" "$before"
