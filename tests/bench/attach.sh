#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make bench-attach`: runs in dom0 of the emulated Xen host. Wall time of one whole encrypted attach,
# from the script's start to its exit, beside Xen's own `block add` of a plain file and `cryptsetup
# open` in plain mode alone; rounds interleaved, medians. Times are emulated: only ratios count.
. /tests/lib.sh
. /tests/lib-disks.sh

rounds=${ROUNDS:-9} failed=0

# timed NAME COMMAND...: appends the milliseconds that it took to the array NAME.
timed() {
	local -n times=$1
	local start end
	shift
	start=${EPOCHREALTIME/./}
	"$@" >output 2>&1 || { echo "failed: $*" && cat output && exit 1; }
	end=${EPOCHREALTIME/./}
	times+=($(((end - start) / 1000)))
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

# ratio A B: A/B with three places.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

target() { # NAME VALUE MOST
	local verdict=met
	awk -v v="$2" -v m="$3" 'BEGIN { exit !(v <= m) }' || { verdict=MISSED && failed=1; }
	printf '  %-46s %7s   at most %-6s %s\n' "$1" "$2" "$3" "$verdict"
}

bench_ours() {
	vbd_make 20 $xvdc w "volatile:dir=$PWD,size=100M"
	timed ours vbd_run add 20 $xvdc
	vbd_drop 20 $xvdc
	timed ours_remove vbd_run remove 20 $xvdc
	vbd_make 21 $xvdc r "$PWD/plain.img"
	timed ours_ro vbd_run add 21 $xvdc
	vbd_drop 21 $xvdc
}

bench_xen() {
	vbd_make 22 $xvdc w "$PWD/plain.img"
	xenstore-write "$(vbd_path 22 $xvdc)/type" file
	hotplug=/etc/xen/scripts/block
	timed xen vbd_run add 22 $xvdc
	timed xen_remove vbd_run remove 22 $xvdc
	hotplug=/etc/xen/scripts/block-ephemeral
	vbd_drop 22 $xvdc
}

# On a block device that is there already, so that the loop device is not part of it; with the key
# size that ours has.
bench_cryptsetup() {
	timed cryptsetup cryptsetup open --type plain --key-file /dev/urandom --key-size 512 \
		--cipher aes-xts-plain64 "$device" bench
	timed cryptsetup_close cryptsetup close bench
}

peak=/usr/lib/xen-ephemeral-tests/peak # prints the most memory that a command had, in KiB

truncate -s 100M plain.img store.img
device=$(losetup -f --show store.img)
ours=() ours_remove=() ours_ro=() xen=() xen_remove=() cryptsetup=() cryptsetup_close=() true_=()
echo "attach: $rounds rounds, interleaved, in dom0 of an emulated Xen host (milliseconds, emulated)"
for ((round = 1; round <= rounds; round++)); do
	timed true_ /bin/true
	bench_ours
	bench_xen
	bench_cryptsetup
	printf '  round %s of %s: ours %s, xen-block %s, cryptsetup %s\n' "$round" "$rounds" \
		"${ours[-1]}" "${xen[-1]}" "${cryptsetup[-1]}"
done

for name in ours ours_remove ours_ro xen xen_remove cryptsetup cryptsetup_close true_; do
	declare -n list=$name
	printf '  %-18s median %5s   least %5s   most %5s\n' "$name" "$(median "${list[@]}")" \
		"$(printf '%s\n' "${list[@]}" | sort -n | head -n 1)" \
		"$(printf '%s\n' "${list[@]}" | sort -n | tail -n 1)"
done

vbd_make 23 $xvdc w "volatile:dir=$PWD,size=100M"
memory=$(XENBUS_PATH=$(vbd_path 23 $xvdc) "$peak" "$backend" add) ||
	{ echo "the measured add failed" && exit 1; }
vbd_drop 23 $xvdc
least=$("$peak" /bin/true) || { echo "peak memory was not measured" && exit 1; }
vbd_make 23 $xvdc w "volatile:dir=$PWD,size=100M"
XENBUS_PATH=$(vbd_path 23 $xvdc) strace -f -o calls "$hotplug" add
vbd_drop 23 $xvdc
echo "  system calls from the script's first to the exit: $(grep -cv '+++' calls)"

r1=$(ratio "$(median "${ours[@]}")" "$(median "${xen[@]}")")
r2=$(ratio "$(median "${ours[@]}")" "$(median "${cryptsetup[@]}")")
target "peak memory over /bin/true's, KiB" $((memory - least)) 6144
target "ours / Xen's block add of a plain file" "$r1" 0.1667
target "ours / cryptsetup open (plain)" "$r2" 0.85
losetup -d "$device"
echo "attach: ours/xen-block $r1, ours/cryptsetup $r2"
exit $failed
