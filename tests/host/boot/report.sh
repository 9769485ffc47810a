# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads what the host says, shows it as it comes, and counts.

passed=0 failed=0 failures=() up='' finished='' running='' running_limit=''
blank='' comments=0 said=() results=0 bad=0 script_status=''
declare -A ran=()

# report_red LINE: counted, and shown once more at the end with the first comments that follow it.
report_red() {
	failed=$((failed + 1))
	failures+=("$1")
	comments=4
}

# report_said: the last lines before a failure that are no results: what a program said that gave no value.
report_said() {
	local line
	for line in "${said[@]}"; do
		echo "$running: # said before: $line"
		failures+=("    # said before: $line")
	done
	said=()
}

report_fail() {
	echo "$1: not ok - $2"
	report_red "$1: not ok - $2"
	[ -z "$running" ] || report_said
}

# report_end NAME STATUS: a test that says nothing, or that ends badly without saying why, failed.
report_end() {
	case $2 in
	timeout) report_fail "$1" "ended within its limit of $running_limit s" ;;
	0) [ "$results" -gt 0 ] || report_fail "$1" "printed a result" ;;
	*) [ "$bad" -gt 0 ] || report_fail "$1" "exited with status 0 (not $2)" ;;
	esac
	ran[$1]=1
	running=
}

report_event() {
	case $1 in
	up) up=$2 && echo "emulated host: up after $2 s" >&2 ;;
	begin) running=$2 running_limit=$3 results=0 bad=0 comments=0 said=() ;;
	end) if [ -n "$script" ]; then script_status=$3 running=; else report_end "$2" "$3"; fi ;;
	dump) shift && dump_answer "$@" ;;
	done) finished=1 ;;
	esac
}

# An empty line waits for the next one: the last of all was added by run-tests.
report_output() {
	[ -z "$blank" ] || echo
	blank=
	if [ -n "$1" ]; then echo "$1"; else blank=1; fi
}

# report_line LINE
report_line() {
	case $1 in
	'::host:: '*)
		# shellcheck disable=SC2086 # words are what is wanted
		set -- $1 && shift && report_event "$@"
		return ;;
	esac
	[ -n "$running" ] || return 0
	if [ -n "$script" ]; then
		report_output "$1"
		return
	fi
	case $1 in
	'ok '*) passed=$((passed + 1)) results=$((results + 1)) comments=0 said=() ;;
	'not ok '*) results=$((results + 1)) bad=$((bad + 1)) && report_red "$running: $1" ;;
	'#'*) [ "$comments" = 0 ] || { failures+=("    $1") && comments=$((comments - 1)); } ;;
	*)
		[ -z "$1" ] || said=("${said[@]: -1}" "$1")
		[ -n "$verbose" ] || return 0
		;;
	esac
	echo "$running: $1"
	[[ $1 != 'not ok '* ]] || report_said
}

# report_close STATUS LOG: why the host ended, when it did not end by itself.
report_close() {
	local why="the host died (qemu's status $1)"
	[ -z "$finished" ] || return 0
	case $1 in
	124 | 137) why="the run's limit of $limit s passed" ;;
	esac
	if [ -z "$up" ]; then
		echo "the host did not come up: $why; the end of $2:"
	else
		echo "$why${running:+ while $running was running}; the end of $2:"
	fi
	tail -n 40 "$2" | tr -d '\r' | sed 's/^/  | /'
	[ -z "$running" ] || [ -n "$script" ] || { report_fail "$running" "$why" && ran[$running]=1; }
}

# report_totals NAME...: whatever never ran has failed. The failures again, for whoever sees only the end.
report_totals() {
	local name
	for name; do
		[ -n "${ran[$name]:-}" ] || report_fail "$name" "ran"
	done
	[ "$failed" = 0 ] || printf '%s\n' '' 'What failed:' "${failures[@]}"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
