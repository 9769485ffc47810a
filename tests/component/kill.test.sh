# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# SIGKILL of add before each thing it does; then remove; then add again.

# every NAME PARAMS MODE: one disk, killed at each of its events.
every() {
	local name=$1 steps at before wrong
	new_vbd "$2" "$3"
	before=$(world)
	mark
	add
	steps=$(events)
	is "$status" 0 "$name: add"
	destroy
	remove
	at=0
	while read -r step; do
		at=$((at + 1)) wrong=
		new_vbd "$2" "$3"
		before=$(world)
		SHIM_KILL=$at add
		[ "$status" = 137 ] || wrong+="status $status"$'\n'
		remove
		[ "$status" = 0 ] || wrong+="remove: $stderr"$'\n'
		wait_for 10 world_is "$before" || wrong+=$(diff <(echo "$before") <(world))
		add
		[ "$status" = 0 ] || wrong+="add: $stderr"
		destroy
		remove
		# shellcheck disable=SC2001
		if [ -z "$wrong" ]; then pass "$name, killed at $at: ${step%% *}"; else
			fail_with "$name, killed at $at: ${step%% *}" "$wrong"
		fi
	done <<<"$steps"
	is "$at" "$(wc -l <<<"$steps")" "$name: each of its steps was tried"
}

every "dir=" "volatile:dir=$T/files,size=4M" w
file store 4M
loop_over "$file"
every "dev=, a block device" "volatile:dev=$loop" w
loop_end "$loop"
every "read-only" "$file" r
every "cow" "cow:origin=$file,dir=$T/files,size=4M" w

# remove itself, at each of its steps, and then a remove that is left to end.
every_remove() { # NAME PARAMS
	local steps step killed
	new_vbd "$2" w
	add
	mark
	remove
	steps=$(events | grep -v ^info | sort -u)
	destroy
	while read -r step; do
		wait_for 10 nothing_left
		new_vbd "$2" w
		add
		SHIM_KILL=${step%% *} remove
		killed=$status
		destroy
		remove
		is "$killed $status" "137 0" "$1, killed at ${step%% *}"
		nothing "$1, killed at ${step%% *}: nothing is left"
	done <<<"$steps"
}
every_remove "remove" "volatile:dir=$T/files,size=4M"
every_remove "remove, cow" "cow:origin=$file,dir=$T/files,size=4M"
