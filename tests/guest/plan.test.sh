# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How xvdc is shared out: sizes in, MiB out.
. ./lib.sh

M=2048 G=$((1024 * 2048)) T_=$((1024 * 1024 * 2048))

plan() { # DESCRIPTION XVDC PRIVATE WANTED
	is "plan: $1" "$4" "$(ephemeral_plan "$2" "$3")"
}

plan "12 GiB, private 2 GiB: swap 1 GiB, the rest to the root" $((12 * G)) $((2 * G)) "1024 9214 2048"
plan "8 GiB: the smallest with a whole GiB of swap" $((8 * G)) $((2 * G)) "1024 5118 2048"
plan "8 GiB less a sector: one eighth of it" $((8 * G - 1)) $((2 * G)) "1023 5118 2048"
plan "200 MiB, private 64 MiB" $((200 * M)) $((64 * M)) "25 109 64"
plan "private larger than half of what is left gets that half" $((200 * M)) $((4 * G)) "25 87 86"
plan "private exactly half" $((200 * M)) $((86 * M)) "25 87 86"
plan "private one sector over half" $((200 * M)) $((86 * M + 1)) "25 87 86"
plan "one sector more than a MiB takes the next" $((200 * M)) $((64 * M + 1)) "25 108 65"
plan "an odd private" $((200 * M)) 1 "25 172 1"
plan "an empty private still has its partition" $((200 * M)) 0 "25 172 1"
plan "xvdc's odd sectors are left over" $((200 * M + 2047)) $((64 * M)) "25 109 64"
plan "8 MiB, the least" $((8 * M)) $((64 * M)) "1 3 2"
plan "15 MiB" $((15 * M)) $((64 * M)) "1 6 6"
plan "5 TiB, private 2 TiB" $((5 * T_)) $((2 * T_)) "1024 3144702 2097152"
plan "8191 TiB" $((8191 * T_)) $((4000 * T_)) "1024 4394580990 4194304000"
plan "the most sectors that 63 bits hold in bytes" 18014398509481983 18014398509481983 \
	"1024 4398046510591 4398046510590"
for size in 0 1 $((5 * M)) $((8 * M - 1)); do
	is "plan: $size sectors are too small" 1 "$(status ephemeral_plan "$size" "$M")"
	is "plan: and give no sizes" "" "$(ephemeral_plan "$size" "$M")"
done

# Whatever the sizes, the parts fit between the first and the last MiB, and each is at least one.
fits() { # XVDC PRIVATE
	total=$(($1 / M))
	# shellcheck disable=SC2046 # three numbers
	set -- $(ephemeral_plan "$1" "$2")
	[ $# = 3 ] && [ "$1" -ge 1 ] && [ "$2" -ge 1 ] && [ "$3" -ge 1 ] &&
		[ "$1" -le 1024 ] && [ "$3" -le "$2" ] && [ $((2 + $1 + $2 + $3)) = "$total" ]
}
bad=
for total in 8 9 10 11 13 17 31 64 100 255 1000 4095 8191 8193 12288 100000 3000001; do
	for private in 0 1 15 2047 2048 99999 4194304 41943041 4294967297; do
		fits $((total * M + 3)) "$private" || bad="$bad $total/$private"
	done
done
is "plan: 153 sizes all fit" "" "$bad"

is "store: a whole MiB" 1 "$(ephemeral_store_mib 2048)"
export EPHEMERAL_CHUNK=4096
is "store: the last chunk counts whole" 2 "$(ephemeral_store_mib 1)"
EPHEMERAL_CHUNK=16
is "store: nothing" 0 "$(ephemeral_store_mib 0)"

is "table: one after the other, in MiB" "label: gpt
start=1MiB, size=25MiB, type=S
start=26MiB, size=109MiB, type=L
start=135MiB, size=64MiB, type=L" "$(ephemeral_table 25 109 64)"

disk xvda 1 $((64 * M))
warn() { # STORE MIB ORIGIN
	ephemeral_warn_small "$1" "$2" "$3" 2>&1
}
is "warning: none when the store is large enough" "" "$(warn xvdc2 64 xvda)"
is "warning: one MiB less" \
	"xen-ephemeral: warning: xvdc2 holds 63 MiB of writes, xvda has 64 MiB: writes fail once it is full" \
	"$(warn xvdc2 63 xvda)"
echo end
