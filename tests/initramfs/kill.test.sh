# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL after each system call: what is there boots, old or new, and a second run ends it.

pack zstd <"$T/stock.cpio" >"$T/stock"
new_kernel "$T/stock"
make_image ext3
cp -a "$K" "$T/fresh"
it prepare k
cp -a "$K" "$T/ready"
reset_to() { rm -rf "$K" && cp -a "$T/$1" "$K"; }
stock_sum=$(sum "$T/fresh/initramfs") done_sum=$(sum "$T/ready/initramfs")
state() { # what is wrong with the folder as it is
	local now image
	now=$(sum "$K/initramfs") image=$(inside "$K/modules.img")
	[ "$now" = "$stock_sum" ] || [ "$now" = "$done_sum" ] || echo "initramfs is neither"
	[ "$image" = "$stock_sum" ] || [ "$image" = "$done_sum" ] || echo "modules.img is neither"
	[ "$now" = "$stock_sum" ] || [ "$(sum "$K/initramfs.stock")" = "$stock_sum" ] || echo "the original is lost"
	[ ! -e "$K/xen-ephemeral-supported" ] || [ "$now$image" = "$done_sum$done_sum" ] || echo "the marker lies"
}
sums() { (cd "$K" && sha256sum -- * && ls -A); }
done_sums=$(sums)
reset_to fresh
fresh_sums=$(sums)
# Bash says it when a signal ends the program; that belongs to the test.
killed() { # CALL ARGUMENT...
	{ "$kill_at" "$1" "$program" "${@:2}" --root "$root" >/dev/null 2>&1; } 2>/dev/null
}
# Outside of the soak every fourth call, another fourth each time.
step=4
[ -z "${SOAK:-}" ] || step=1
each_kill() { # FROM VERB...: in the folder as it is in $T/FROM
	local from=$1 first count n wrong bad=0
	shift
	reset_to "$from"
	"$kill_at" -c "$T/calls" "$program" "$@" --root "$root" >/dev/null
	count=$(wc -l <"$T/calls")
	# Before it has the folder's lock it has touched nothing.
	first=$(grep -n -m 1 '^flock$' "$T/calls" | cut -d: -f1)
	for ((n = first + RANDOM % step; n < count; n += step)); do
		wrong=
		reset_to "$from"
		killed "$n" "$@"
		[ $? = 137 ] || wrong+=" it ended by itself"
		wrong+=$(state)
		it prepare k
		[ "$status:$(sums)" = "0:$done_sums" ] || wrong+=" prepare does not end it: $err $(sums)"
		reset_to "$from"
		killed "$n" "$@"
		revert k
		[ "$status:$(sums)" = "0:$fresh_sums" ] || wrong+=" revert does not end it: $err $(sums)"
		[ -n "$wrong" ] || continue
		bad=$((bad + 1))
		fail_with "$1 killed after call $n, $(sed -n "${n}p" "$T/calls")" "$wrong"
	done
	is "$bad" 0 "$1, killed after one in $step of its calls $first to $((count - 1)): the old or the new, and a second run ends it"
	[ $((count - first)) -gt 30 ] || fail_with "$1: only $((count - first)) calls"
}
each_kill fresh prepare k --share "$share"
each_kill ready revert k
