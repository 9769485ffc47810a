#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scan.sh DUMP WORD...: looks for disk keys in a dump of a machine's memory; run.sh --dump runs it.
# Keys that it learns are kept in the working folder, so that a later scan looks for them too.
#   disk:NAME=HEX    a volatile disk, and the first 16 bytes of its store: its key is learnt
#   raw:NAME=HEX     other bytes to look for
# It prints:
#   schedules COUNT             AES-256 key schedules in the dump (aeskeyfind)
#   strange COUNT               of these, schedules that belong to no disk
#   disk NAME SCHEDULES MD5     how many of the disk's two are there, and the checksum of its key in hexadecimal
#   piece NAME FIRST LENGTH OFFSET   with the bytes around it as comments (pieces.c); NAME is a disk's 64
#                               raw bytes, NAME.1 and NAME.2 the 240 bytes of its schedules
# MEMORY_TOOLS is the folder of pieces, condense and match.
set -euo pipefail
dump=$1
shift
touch halves schedules keys names

# find_schedules: "HALF SCHEDULE" a line into found, from as many searches as there are processors.
find_schedules() {
	local parts=() part pids=() pid
	for part in $(seq "$(nproc)"); do parts+=("part.$part"); done
	rm -f part.* found
	"$MEMORY_TOOLS/condense" "$dump" "${parts[@]}"
	for part in part.*; do
		aeskeyfind -v -q "$part" >"found.$part" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	cat found.part.* | awk '
		/^FOUND POSSIBLE/ { bits = $3; row = 0; schedule = "" }
		/^CONSTRAINTS/ { if (bits == "256-BIT") print substr(schedule, 1, 64), schedule; row = 0 }
		row && NF == 1 { schedule = schedule $1 }
		/^EXTENDED KEY/ { row = 1 }' >found
	rm -f part.* found.part.*
}

# learn WORD...: adds the keys of new disks to names ("NAME KEY") and all that is looked for to keys.
learn() {
	local word disks=() name key number
	for word; do
		case $word in
		disk:*) disks+=("${word#disk:}") ;;
		raw:*) word=${word#raw:} && echo "${word%%=*} ${word#*=}" >>keys ;;
		*) echo "scan.sh: unknown word $word" >&2 && return 2 ;;
		esac
	done
	cut -d' ' -f1 found | sort -u >halves
	[ ${#disks[@]} -gt 0 ] || return 0
	"$MEMORY_TOOLS/match" halves "${disks[@]}" >new
	while read -r name key; do
		echo "$name $key"
		for number in 1 2; do
			echo "$name.$number $(grep -m1 "^${key:(number - 1) * 64:64} " found | cut -d' ' -f2)"
		done
	done <new >>keys
	cat new >>names
}

report() {
	local name key first second known=0
	echo "schedules $(wc -l <found)"
	while read -r name key; do
		first=$(grep -c "^${key:0:64} " found || :) second=$(grep -c "^${key:64} " found || :)
		known=$((known + first + second))
		echo "disk $name $((first + second)) $(md5sum <<<"$key" | cut -d' ' -f1)"
	done <names
	echo "strange $(($(wc -l <found) - known))"
	[ ! -s keys ] || "$MEMORY_TOOLS/pieces" "$dump" keys
}

find_schedules
learn "$@"
report
