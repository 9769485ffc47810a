#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# soak-limit: 7200
# SIGKILL of add and of remove after their system calls in turn, on real device-mapper and blkback: at
# the end nothing is left, or one `xen-ephemeral sweep` removes it; and the disk can be added again.
# With SOAK=1 after each call of the process; else after every 13th of add and every 9th of remove, and 70-removed.sh
# kills at each call that changes a device or a key.
. /tests/lib.sh
. /tests/lib-disks.sh
kill_at=/usr/lib/xen-ephemeral-tests/kill-at
step=13
[ -z "${SOAK:-}" ] || step=1

truncate -s 16M origin.img
before=$(host_state)
stands() { [ "$(host_state)" = "$before" ]; }

run_at() { # VERB N|-c FILE...
	XENBUS_PATH=$(vbd_path 42 $xvdc) timeout 60 "$kill_at" "${@:2}" "$backend" "$1" >/dev/null 2>&1
}

# end_disk NAME: what is left when Xen has taken the disk away is swept, in one go.
swept=0
end_disk() {
	vbd_drop 42 $xvdc
	wait_for 3 stands && return
	xen-ephemeral sweep >swept.txt || fail_with "$1: sweep: status $?" "$(cat swept.txt)"
	swept=$((swept + 1))
	wait_for 10 stands || fail_with "$1 leaves" "$(diff <(echo "$before") <(host_state))"
}

add_again() { # NAME MODE PARAMS
	vbd_make 42 $xvdc "$2" "$3"
	vbd_run add 42 $xvdc || fail_with "$1: a later add"
	end_disk "$1: a later add"
}

every_add() { # NAME MODE PARAMS
	local n count killed=0 status
	vbd_make 42 $xvdc "$2" "$3"
	run_at add -c calls
	end_disk "$1, counted"
	count=$(wc -l <calls)
	for ((n = 1 + RANDOM % step; n < count; n += step)); do
		vbd_make 42 $xvdc "$2" "$3"
		run_at add "$n"
		status=$?
		[ "$status" = 137 ] || [ "$n" -gt $((count - 30)) ] || fail_with "$1, call $n: status $status"
		[ "$status" != 137 ] || killed=$((killed + 1))
		end_disk "$1, killed after call $n, $(sed -n "${n}p" calls)"
		[ $((n / step % 4)) != 0 ] || add_again "$1, call $n" "$2" "$3"
	done
	ok "$1: add, killed after $killed of $count calls" test "$killed" -gt $(((count - 60) / step))
	add_again "$1, in the end" "$2" "$3"
}

every_remove() {
	local n count killed=0 step=$step
	# It makes fewer calls before it waits than add does in all.
	[ "$step" = 1 ] || step=9
	vbd_make 42 $xvdc w "$1"
	vbd_run add 42 $xvdc
	run_at remove -c calls
	end_disk "remove, counted"
	count=$(grep -n -m 1 nanosleep calls | cut -d: -f1)
	for ((n = 1 + RANDOM % step; n < count; n += step)); do
		vbd_make 42 $xvdc w "$1"
		vbd_run add 42 $xvdc
		run_at remove "$n"
		is "$?" 137 "remove, killed after call $n" >/dev/null || fail_with "remove, call $n: no such call"
		killed=$((killed + 1))
		end_disk "remove, killed after call $n"
	done
	ok "remove, killed after $killed of its first $count calls" test "$killed" -gt 5
}

every_add "dir=" w "volatile:dir=$PWD,size=16M"
[ -z "${SOAK:-}" ] || {
	truncate -s 16M disk.img
	disk=$(losetup -f --show disk.img)
	before=$(host_state)
	every_add "dev=" w "volatile:dev=$disk"
	losetup -d "$disk"
	wait_for 20 unused disk.img
	before=$(host_state)
}
every_add "read-only" r "$PWD/origin.img"
every_remove "volatile:dir=$PWD,size=16M"
diag "sweep was needed $swept times"
xenstore-rm /local/domain/42
nothing_left "in the end" "$before"
