#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh FOLDER [--keep] --seconds N NAME...: runs the fuzzers fuzz-NAME in FOLDER, two at a time.
#
# Each starts from tests/fuzz/corpus/NAME and from what runs with --keep have found before: those keep
# it in FOLDER/corpus/NAME. A fuzzer's own options stand in its source behind "options:".
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
shift
keep='' seconds=30
while :; do
	case ${1:-} in
	--keep) keep=yes ;;
	--seconds) seconds=$2 && shift ;;
	*) break ;;
	esac
	shift
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# What leaves the allocator or the leak checker on its own must end the run too.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0 UBSAN_OPTIONS=print_stacktrace=1

# How often the input ran, and how many of its kinds it knows.
tell() {
	awk -v name="$1" -v seconds="$seconds" '
		/number_of_executed_units/ { runs = $2 }
		/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
		END { printf "ok - fuzz %s: %d s, %d runs, %d edges\n", name, seconds, runs, cov }' "$2"
}

complain() {
	local crash
	echo "not ok - fuzz $1"
	grep -E -m 12 'does not hold|ERROR: |runtime error|SUMMARY|^    #[0-9]+ .*(backend|command|tests)/' "$2" |
		sed 's/^/# /'
	crash=$(sed -n 's/.*Test unit written to //p' "$2" | tail -n 1)
	if [ -n "$crash" ]; then
		echo "# again: $folder/fuzz-$1 $crash"
	else
		echo "# the whole log: $2"
	fi
}

fuzz() {
	local name=$1 log=$folder/log/$1 corpus=$work/$1 options
	[ -z "$keep" ] || corpus=$folder/corpus/$name
	mkdir -p "$corpus" "$folder/log" "$folder/crash"
	options=$(sed -n 's/.* options: \([^*]*\).*/\1/p' "$here/fuzz-$name.c")
	# shellcheck disable=SC2086 # a list of words
	if "$folder/fuzz-$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=512 \
		$options -dict="$here/words.dict" -print_final_stats=1 -use_value_profile=1 \
		-artifact_prefix="$folder/crash/$name-" "$corpus" "$here/corpus/$name" \
		</dev/null >"$log" 2>&1; then
		tell "$name" "$log"
	else
		complain "$name" "$log"
		touch "$work/failed"
	fi
}

[ $# -gt 0 ] || { echo "no fuzzer is named" >&2 && exit 2; }
for name; do
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
	fuzz "$name" &
done
wait
[ ! -e "$work/failed" ]
