# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests inside an emulated host are written with: . /tests/lib.sh
# Results are TAP lines without numbers and without a plan; run.sh counts them.

# diag [TEXT]: the text, or standard input, as comment lines.
diag() {
	if [ $# -gt 0 ]; then printf '%s\n' "$*"; else cat; fi | tr -d '\r' | sed 's/^\(# \)*/# /'
}

pass() { echo "ok - $*"; }

# fail_with NAME [TEXT]
fail_with() {
	echo "not ok - $1"
	[ $# -lt 2 ] || [ -z "$2" ] || diag "$2"
	return 1
}

# ok NAME COMMAND...: the command succeeds. Its output is shown when it does not.
ok() {
	local name=$1 output status
	shift
	output=$("$@" 2>&1)
	status=$?
	if [ "$status" = 0 ]; then pass "$name"; else
		fail_with "$name" "status $status from: $*${output:+$'\n'$output}"
	fi
}

# fails NAME COMMAND...: the command fails by its own decision, not by a signal or a time limit.
fails() {
	local name=$1 output status
	shift
	output=$("$@" 2>&1)
	status=$?
	if [ "$status" -gt 0 ] && [ "$status" -lt 124 ]; then pass "$name"; else
		fail_with "$name" "status $status from: $*${output:+$'\n'$output}"
	fi
}

# run COMMAND...: sets out, err and status to what it printed and ended with.
run() {
	out=$("$@" 2>err.txt)
	status=$?
	err=$(cat err.txt)
}

# is GOT WANT NAME
is() {
	if [ "$1" = "$2" ]; then pass "$3"; else fail_with "$3" "got:  $1"$'\n'"want: $2"; fi
}

# isnt GOT UNWANTED NAME
isnt() {
	if [ "$1" != "$2" ]; then pass "$3"; else fail_with "$3" "got what must not be: $1"; fi
}

# like GOT REGEX NAME: bash's extended regular expressions.
like() {
	if [[ $1 =~ $2 ]]; then pass "$3"; else fail_with "$3" "got:  $1"$'\n'"want: /$2/"; fi
}

# unlike GOT REGEX NAME
unlike() {
	if ! [[ $1 =~ $2 ]]; then pass "$3"; else fail_with "$3" "got: $1"$'\n'"must not match: /$2/"; fi
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when it has not by then. Pauses grow to a
# second: what dom0 looks for is slowed down by its looking. Where hosts run beside each other, PATIENCE says how
# many times as long everything may take.
wait_for() {
	local end=$((SECONDS + $1 * ${PATIENCE:-1})) tenths=1
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep "$((tenths / 10)).$((tenths % 10))"
		tenths=$((tenths < 8 ? tenths + 1 : 10))
	done
}

# machine_memory WORD...: has the program that `run.sh --dump` names look at a dump of the machine's
# whole memory. What it prints comes into the array answer; its status is returned. Not for a subshell
# whose output is caught: the request goes out as a line.
machine_memory() {
	local port line end=$((SECONDS + 400 * ${PATIENCE:-1})) status=1
	answer=()
	exec {port}</dev/vport[01]p2 || return
	echo "::host:: dump $*"
	while read -r -t $((end > SECONDS ? end - SECONDS : 1)) line <&"$port"; do
		[ "${line%% *}" != ::end:: ] || { status=${line#* } && break; }
		answer+=("$line")
	done
	exec {port}<&-
	return "$status"
}

# bail TEXT: the test cannot go on.
bail() {
	fail_with "cannot go on: $*"
	exit 1
}
