#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# A cow disk on real dm-snapshot over real dm-crypt: it reads as its origin, which no write reaches; what is
# written is ciphertext in the store; the whole chain goes with its last user, by the kernel alone.
. /tests/lib.sh
. /tests/lib-disks.sh

# hold NUMBER TARGET: a disk of domain NUMBER, held until release NUMBER. Sets $said, and $name[NUMBER],
# $device[NUMBER].
declare -a pids inputs name device
hold() {
	local n=$1 number
	rm -f "in.$n" "out.$n" && mkfifo "in.$n"
	"$tool" hold "$2" "$n" "$xvda" <"in.$n" >"out.$n" 2>&1 &
	pids[n]=$!
	exec {input}>"in.$n"
	inputs[n]=$input
	wait_for 60 test -s "out.$n"
	read -r said number "name[$n]" <"out.$n"
	[ "$said" = holding ] || { said=$(cat "out.$n") && return 1; }
	device[n]=/dev/$(basename "$(readlink "/sys/dev/block/$number")")
}

release() {
	local input=${inputs[$1]}
	exec {input}>&-
	wait "${pids[$1]}" 2>/dev/null
}

store_name() { sed s/-cow@/-store@/ <<<"${name[$1]}"; }

# The device below the encrypted one, where ciphertext lands.
bottom() { store_of "$(device_of "$(store_name "$1")")"; }

refused() { # NAME PATTERN TARGET
	local now
	now=$(host_state)
	hold 9 "$3"
	like "$said" "$2" "$1"
	release 9
	nothing_left "$1" "$now"
}

marker=COW-MARKER-$RANDOM$RANDOM
yes "ORIGIN-TEXT" | head -c $((16777216 + 3 * 512)) >origin.img
yes "$marker" | head -c 4194304 >plain
sum=$(md5sum <plain) origin_sum=$(md5sum <origin.img)
truncate -s 32M disk.img base.img
disk=$(losetup -f --show disk.img)
cp --sparse=never origin.img base.img
base=$(losetup -f --show base.img)
before=$(host_state)

# try NAME TARGET ORIGIN
try() {
	hold 7 "$2"
	is "$said" holding "$1: is built" || return
	is "$(blockdev --getsize64 "${device[7]}")" $((16777216 + 3 * 512)) "$1: as large as its origin"
	is "$(blockdev --getss "${device[7]}")" 512 "$1: with its sectors"
	is "$(every_byte "${device[7]}" | md5sum)" "$origin_sum" "$1: it reads as its origin"
	dd if=plain of="${device[7]}" bs=1M seek=8 oflag=direct conv=notrunc status=none
	dd if=plain of="${device[7]}" bs=512 count=2 seek=32769 oflag=direct conv=notrunc status=none
	is "$(dd if="${device[7]}" bs=1M skip=8 count=4 iflag=direct status=none | md5sum)" "$sum" "$1: what is written is read back"
	is "$(dd if="${device[7]}" bs=512 skip=32769 count=2 iflag=direct status=none | md5sum)" \
		"$(head -c 1024 plain | md5sum)" "$1: in the last, short chunk too"
	is "$(dd if="${device[7]}" bs=1M count=8 iflag=direct status=none | md5sum)" \
		"$(head -c 8M origin.img | md5sum)" "$1: the rest is still the origin's"
	isnt "$(count_in "$marker" "${device[7]}")" 0 "$1: the marker is found through the snapshot"
	is "$(count_in "$marker" "$(bottom 7)")" 0 "$1: and in no byte of the store"
	is "$(count_in ORIGIN-TEXT "$(bottom 7)")" 0 "$1: nor is what was copied from the origin"
	is "$(count_in "$marker" "$3")" 0 "$1: nor is the marker in the origin"
	is "$(every_byte "$3" | md5sum)" "$origin_sum" "$1: which has not changed"
	for part in "${name[7]}" "$(store_name 7)"; do
		like "$("$tool" look "$part")" "exists=1 armed=1 ours=1 openers=1" "$1: armed, one opener: ${part##*-}"
	done
	like "$(dmsetup table --showkeys "$(store_name 7)")" "crypt aes-xts-plain64 :64:logon:" "$1: no key in its tables"
	like "$(dmsetup table "${name[7]}")" "^0 32771 snapshot [0-9]+:[0-9]+ [0-9]+:[0-9]+ N 16\$" "$1: the snapshot's table"
	keyless "$1: nor in a keyring"
	like "$(dmsetup status "${name[7]}")" " 8[0-9]{3}/[0-9]+ 0\$" "$1: the kernel says how full it is"
	release 7
	nothing_left "$1" "$before"
}

try "file origin, unnamed file" "cow:origin=$PWD/origin.img,dir=$PWD,size=32M" origin.img
try "file origin, block device store" "cow:origin=$PWD/origin.img,dev=$disk" origin.img
origin_sum=$(every_byte "$base" | md5sum)
truncate -s $((16777216 + 3 * 512)) base.img && losetup -c "$base"
try "block device origin" "cow:origin=$base,dir=$PWD,size=32M" "$base"

# Killed without any chance to clean up.
hold 7 "cow:origin=$PWD/origin.img,dir=$PWD,size=32M"
kill -KILL "${pids[7]}"
release 7
nothing_left "after SIGKILL of the holder" "$before"

# udev: no rule reads what a guest writes, of either device.
hold 7 "cow:origin=$PWD/origin.img,dir=$PWD,size=32M"
mkfs.ext4 -q -F -L GUEST-LABEL "${device[7]}"
udevadm trigger --action=change "${device[7]}"
udevadm settle
unlike "$(udevadm info "${device[7]}")" "ID_FS_|GUEST-LABEL" "udev does not know the guest's filesystem"
fails "nor is there a link by its label" test -e /dev/disk/by-label/GUEST-LABEL
release 7
nothing_left "after udev" "$before"

# Many of one origin, a file and a block device: each writes to its own.
for origin in "$PWD/origin.img" "$base"; do
	for n in 1 2 3 4; do
		hold "$n" "cow:origin=$origin,dir=$PWD,size=8M" || fail_with "one of many" "$said"
		echo "$marker-$n" | dd of="${device[n]}" bs=512 count=1 conv=sync,notrunc oflag=direct status=none
	done
	for n in 1 2 3 4; do
		is "$(head -c 8192 "${device[n]}" | grep -ac "$marker")$(head -c 8192 "${device[n]}" | grep -ac "$marker-$n\$")" 11 \
			"$n of many reads its own write only"
	done
	# One overflows: it alone fails from then on.
	fails "a store that is full" dd if=/dev/zero of="${device[1]}" bs=1M count=12 oflag=direct conv=notrunc status=none
	like "$(dmsetup status "${name[1]}")" "Invalid" "the snapshot says so"
	fails "it fails every request" dd if="${device[1]}" of=/dev/null bs=4096 count=1 iflag=direct status=none
	for n in 2 3 4; do
		ok "$n of many goes on" dd if=plain of="${device[n]}" bs=1M count=2 seek=2 oflag=direct conv=notrunc status=none
	done
	for n in 1 2 3 4; do release "$n"; done
	nothing_left "many of one origin" "$before"
done
is "$(md5sum <origin.img)" "$(every_byte "$base" | md5sum)" "the origins have not changed"

# Wiped while it is in use.
hold 7 "cow:origin=$PWD/origin.img,dir=$PWD,size=8M"
ok "an open disk is wiped" "$tool" cow-wipe "${name[7]}" 5000
like "$(dmsetup table "${name[7]}")" "^0 32771 error *\$" "its table has no store"
# It goes with the snapshot's table, its last user, and the kernel does that by a work item.
ok "the device with the key is gone" wait_for 20 mapping_gone "$(store_name 7)"
storeless "and the store"
fails "reading fails" dd if="${device[7]}" of=/dev/null bs=4096 count=1 iflag=direct status=none
release 7
nothing_left "after wiping" "$before"

# The origin's storage hangs: the key goes all the same.
dmsetup create slow --table "0 32768 linear $base 0"
hold 7 "cow:origin=/dev/mapper/slow,dir=$PWD,size=8M"
is "$said" holding "over an origin of device-mapper"
dmsetup suspend slow
dd if="${device[7]}" of=/dev/null bs=4096 count=1 iflag=direct status=none &
reader=$!
ok "a request hangs" wait_for 20 in_flight "${device[7]}"
fails "wiping over a hung origin says that it is not all" "$tool" cow-wipe "${name[7]}" 2000 2>/dev/null
like "$(dmsetup table "$(store_name 7)")" "error *\$" "but the key is gone"
dmsetup resume slow
wait "$reader"
release 7
remove_device slow
nothing_left "after the hang" "$before"

# Who may write to the origin is refused as for a read-only disk.
exec 7>>origin.img
refused "an origin that is open for writing" "something else has it open for writing" "cow:origin=$PWD/origin.img,dir=$PWD,size=8M"
exec 7>&-
dmsetup create writer --table "0 32768 linear $base 0"
refused "an origin on which a writable device stands" "a writable device stands on it" "cow:origin=$base,dir=$PWD,size=8M"
remove_device writer
refused "the origin as its own store" "cannot use store .*it is the origin" "cow:origin=$base,dev=$base"
mkfs.ext4 -q -F "$disk" && mkdir -p mnt && mount -o ro "$disk" mnt
refused "an origin that dom0 has mounted" "its origin is mounted, or something else claims it" "cow:origin=$disk,dir=$PWD,size=8M"
umount mnt

# While it is in use the origin is nobody's store, and other domains read it.
hold 7 "cow:origin=$base,dir=$PWD,size=8M"
hold 8 "volatile:dev=$base"
like "$said" "cannot open store .*held by another device" "an origin in use is no store"
release 8
hold 8 "$base"
is "$said" holding "but a read-only disk of another domain"
release 8
# What a snapshot writes to is not read by others.
store=$(device_of "$(store_name 7)")
hold 8 "cow:origin=$store,dir=$PWD,size=8M"
like "$said" "a writable device stands on it" "the store of a disk is no origin"
release 8
release 7
nothing_left "after sharing" "$before"
losetup -d "$disk" "$base"
