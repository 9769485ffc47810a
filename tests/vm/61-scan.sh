#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# What verify --scan looks at: a marker that is written through a mapping is found through it and not in its
# store; one that stands in the store is found there, wherever it is. A scan keeps nothing alive.
. /tests/lib.sh
. /tests/lib-disks.sh

# put DEVICE BYTE: the marker there, past the page cache.
put() {
	local at=$(($2 / 4096 * 4096))
	dd if="$1" bs=4096 count=2 skip="$at" iflag=direct,skip_bytes of=block status=none
	dd if=marker of=block bs=1 count="$length" seek=$(($2 - at)) conv=notrunc status=none
	dd if=block of="$1" bs=4096 seek="$at" oflag=direct,seek_bytes conv=notrunc status=none
}

head -c 18 /dev/urandom | base64 >marker
length=$(($(stat -c %s marker) - 1))
truncate -s 32M disk.img
disk=$(losetup -f --show disk.img)
before=$(host_state)

for target in "volatile:dir=$PWD,size=40M" "volatile:dev=$disk,sector=4096"; do
	volume_hold "$target" || bail "$said"
	store=$(store_of "$device")
	bytes=$(blockdev --getsize64 "$store")
	run "$tool" scan "$name" marker
	is "$status" 0 "$target: nothing is written yet: it holds"
	like "$out" "^ok +disk +the marker is not in its store: not found in $((bytes >> 20)) MiB, every byte" "not in the store"
	like "$out" "warning +disk +the marker is there through the encryption: not found" "nor through it, which is a warning"
	is "$err" "" "nothing is told where there is no terminal"
	# Over the border of two pieces that are read at once, and at both ends.
	for at in 65536 $(((1 << 20) - 5)) $((bytes - length)); do put "$device" "$at"; done
	run "$tool" scan "$name" marker
	is "$status" 0 "written through the mapping: it holds"
	like "$out" "ok +disk +the marker is not in its store: not found in .*"$'\n'"ok +disk +the marker is there through the encryption: found 3 times in $((bytes >> 20)) MiB, first at byte 65536  \[$device\]" \
		"found three times through the encryption, and not in the store"
	run "$tool" scan "$name" - <marker
	like "$out" "found 3 times" "the marker from standard input"
	for at in 0 $(((4 << 20) - 1)) $((bytes - length)); do
		put "$store" "$at"
		run "$tool" scan "$name" marker
		is "$status" 1 "in the store at byte $at: broken"
		like "$out" "^BROKEN +disk +the marker is not in its store: found 1 time in .*, first at byte $at " "and says where"
		dd if=/dev/zero of="$store" bs=4096 seek=$((at / 4096)) count=$((at ? 2 : 1)) oflag=direct conv=notrunc status=none 2>/dev/null
	done
	volume_release
	nothing_left "$target" "$before"
done

volume_hold "cow:origin=$disk,dir=$PWD,size=40M" || bail "$said"
put "$device" 8388608
below=${name/-cow@/-store@}
run "$tool" scan "$below" marker
is "$status" 0 "a cow disk: it holds"
like "$out" "not found in 40 MiB, every byte.*found 1 time in 40 MiB" "found in its changes, through the encryption"
volume_release
nothing_left "a cow disk" "$before"

# A terminal is told how far it is.
truncate -s 200M large.img
large=$(losetup -f --show large.img)
volume_hold "volatile:dev=$large" || bail "$said"
script -q -e -c "$tool scan $name marker" /dev/null >typescript
like "$(tr '\r' '\n' <typescript)" "disk, store: [0-9.]+ [KMi]*B of 200 MiB" "a terminal sees the progress"
like "$(tr '\r' '\n' <typescript)" "ok +disk +the marker is not in its store: not found in 200 MiB" "and the result"

# SIGINT ends it at once, and a disk that is let go is not kept by who reads it.
"$tool" scan "$name" marker >interrupted &
scan=$!
# Bash has it ignore SIGINT until it sets its own signals: it has when it reads blocks.
reads() { grep -q '^read_bytes: [1-9]' "/proc/$1/io"; }
ok "a scan reads" wait_for 20 reads "$scan"
kill -INT "$scan"
ok "SIGINT ends a scan" wait_for 5 eval "! kill -0 $scan"
wait "$scan"
is "$?" 130 "by that signal"
volume_release
dmsetup create slow --table "0 409600 delay $large 0 20"
volume_hold "volatile:dev=/dev/mapper/slow" || bail "$said"
"$tool" scan "$name" marker >left 2>&1 &
scan=$!
# Others may have the store open for a moment; only the scan has read blocks.
wait_for 20 reads "$scan"
volume_release
ok "the disk's end ends the scan" wait_for 20 eval "! kill -0 $scan"
wait "$scan"
is "$?" 1 "it does not hold"
like "$(cat left)" "BROKEN +disk +the marker is not in its store: not searched to its end: it went away after" "and says so"
remove_device slow
losetup -d "$large"
nothing_left "at the end" "$before"
losetup -d "$disk"
