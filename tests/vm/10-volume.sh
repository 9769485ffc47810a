#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 180
# A volume on real dm-crypt: what is written is ciphertext in the store, for every kind of store and
# sector size; what it is made of goes with its last user.
. /tests/lib.sh
. /tests/lib-disks.sh

marker=VOLUME-MARKER-$RANDOM$RANDOM
yes "$marker" | head -c 4194304 >plain
sum=$(md5sum <plain)
truncate -s 32M file.img disk.img
disk=$(losetup -f --show disk.img)
before=$(host_state)

# The search can find: the same text in the clear, behind a loop device.
cp plain clear.img
clear=$(losetup -f --show clear.img)
like "$(count_in "$marker" "$clear")" '^[1-9][0-9]+$' "the search finds what is there in the clear"
losetup -d "$clear"

# try NAME STORE TARGET: STORE is what to search for the marker; "" for the anonymous file's loop.
try() {
	local store=$2
	volume_hold "$3"
	is "$said" holding "$1: is built" || return
	[ -n "$store" ] || store=$(store_of "$device")
	ok "$1: its first 64 KiB are zeros" cmp -n 65536 "$device" /dev/zero
	dd if=plain of="$device" bs=1M seek=8 oflag=direct conv=notrunc status=none
	is "$(dd if="$device" bs=1M skip=8 count=4 iflag=direct status=none | md5sum)" "$sum" \
		"$1: what is written is read back"
	isnt "$(every_byte "$store" | tail -c +8388609 | head -c 4194304 | md5sum)" "$sum" "$1: and is not what the store has"
	isnt "$(count_in "$marker" "$device")" 0 "$1: the marker is found through the mapping"
	is "$(count_in "$marker" "$store")" 0 "$1: no byte of the store has the marker"
	like "$("$tool" look "$name")" "exists=1 armed=1 ours=1 openers=1" "$1: it is armed"
	keyless "$1: the key is in no keyring"
	like "$(dmsetup table --showkeys "$name")" "crypt aes-xts-plain64 :64:logon:" "$1: nor in the table"
	volume_release
	nothing_left "$1" "$before"
}

try "anonymous file" "" "volatile:dir=$PWD,size=32M"
try "anonymous file, sector=4096" "" "volatile:dir=$PWD,size=32M,sector=4096"
try "anonymous file, discard" "" "volatile:dir=$PWD,size=32M,discard"
try "existing file" file.img "volatile:dev=$PWD/file.img"
try "block device" "$disk" "volatile:dev=$disk"
try "block device, sector=4096" "$disk" "volatile:dev=$disk,sector=4096"

volume_hold "volatile:dir=$PWD,size=32M,sector=4096"
is "$(cat "/sys/class/block/${device#/dev/}/queue/logical_block_size")" 4096 "sector=4096 is what a guest sees"
is "$(cat "/sys/class/block/${device#/dev/}/queue/discard_max_bytes")" 0 "no discard without the option"
volume_release
volume_hold "volatile:dir=$PWD,size=32M,discard"
isnt "$(cat "/sys/class/block/${device#/dev/}/queue/discard_max_bytes")" 0 "discard with it"
first=$(every_byte "$(store_of "$device")" | head -c 65536 | md5sum)
volume_release
volume_hold "volatile:dir=$PWD,size=32M"
isnt "$(every_byte "$(store_of "$device")" | head -c 65536 | md5sum)" \
	"$first" "the same zeros are other ciphertext under another key"

# udev: no rule reads what a guest writes, and no semaphore is left.
mkfs.ext4 -q -L GUEST-LABEL "$device"
udevadm trigger --action=change "$device"
udevadm settle
unlike "$(udevadm info "$device")" "ID_FS_|GUEST-LABEL" "udev does not know the guest's filesystem"
fails "nor is there a link by its label" test -e /dev/disk/by-label/GUEST-LABEL
is "$(ipcs -s | grep -c '^0x0d4d')" 0 "no udev cookie is left"

# Killed, without any chance to clean up.
kill -KILL "$HOLDER_PID"
nothing_left "after SIGKILL of the holder" "$before"
losetup -d "$disk"
