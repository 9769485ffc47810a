# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# SIGKILL of add and of remove right after each of their system calls in turn: what remove leaves then
# is nothing, and the same disk can be added after that.
kill_at=$BUILD/tests/kill/kill-at

# count VERB: how many calls it makes, in $count; $first is the one that connects to xenstore.
count() {
	"$1" "$kill_at" -c "$T/calls"
	[ "$status" = 0 ] || fail_with "$1, counted: $stderr"
	count=$(wc -l <"$T/calls")
	first=$(grep -n -m 1 '^connect$' "$T/calls" | cut -d: -f1)
	like "$first" '^[0-9]+$' "$1: it connects to xenstore"
}

# A run may poll less often than the one that was counted: only then is there no call N.
killed() { [ "$status" = 137 ] || { [ "$status" = 0 ] && [ "$1" -gt $((count - 25)) ]; }; }

gone=: # what happens to the disk before remove is run

stands() { [ "$(loops && maps && keys)" = "$base" ]; }

# Xen takes the disk away: blkback lets go, remove runs, and nothing is left but what was there.
end_disk() {
	destroy 2>/dev/null
	remove
	[ "$status" = 0 ] || wrong+="remove: $stderr"$'\n'
	stands || wait_for 10 stands || wrong+="left: $(diff <(echo "$base") <(loops && maps && keys))"$'\n'
}

try_add() { # N PARAMS MODE
	new_vbd "$2" "$3"
	add "$kill_at" "$1"
	killed "$1" || wrong+="status $status: $stderr"$'\n'
	end_disk
	# Once more, as a toolstack that tries again does it.
	vbd "$domid" 51712 "$2" "$3"
	add
	[ "$status" = 0 ] || wrong+="a later add: $stderr"$'\n'
	end_disk
}

try_remove() { # N PARAMS MODE
	new_vbd "$2" "$3"
	add
	$gone
	remove "$kill_at" "$1"
	killed "$1" || wrong+="status $status: $stderr"$'\n'
	end_disk
}

# every VERB NAME PARAMS MODE CALLS: CALLS prints the numbers that are tried.
every() {
	local n bad=0 tried=0 before
	base=$(loops && maps && keys)
	before=$(world)
	new_vbd "$3" "$4"
	[ "$1" = add ] || { add && $gone; }
	count "$1"
	end_disk
	for n in $("$5"); do
		wrong=
		"try_$1" "$n" "$3" "$4"
		tried=$((tried + 1))
		[ -n "$wrong" ] || continue
		bad=$((bad + 1))
		fail_with "$2: $1, killed after call $n, $(sed -n "${n}p" "$T/calls")" "$wrong"
	done
	is "$bad" 0 "$2: $1, killed after $tried of its $count calls, each in turn, leaves nothing"
	unchanged "$before" "$2: xenstore and folders are as before"
}

# Before it connects to xenstore it has touched nothing: what the loader does is left to the soak.
from_xenstore() {
	local from=$((first - 1))
	[ -z "${SOAK:-}" ] || from=1
	seq "$from" $((count - 1))
}

# While blkback holds the disk, remove looks for 2 s whether it has gone: up to the second look. What it
# does after the last one is another event each time, and kill.test.sh kills at each of those.
to_the_looks() { seq 1 "$(grep -n nanosleep "$T/calls" | sed -n '2s/:.*//p')"; }

file origin 4M
file store 4M
every add "dir=" "volatile:dir=$T/files,size=4M" w from_xenstore
loop_over "$T/files/store"
every add "dev=" "volatile:dev=$loop" w from_xenstore
loop_end "$loop"
every add "read-only" "$T/files/origin" r from_xenstore
every add "cow" "cow:origin=$T/files/origin,dir=$T/files,size=4M" w from_xenstore
every remove "held" "volatile:dir=$T/files,size=4M" w to_the_looks
let_go() { destroy && wait_for 10 stands; }
gone=let_go
every remove "let go" "volatile:dir=$T/files,size=4M" w from_xenstore
