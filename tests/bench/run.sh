#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh FOLDER GROUP... -- OPTION...: runs the groups of the bench in the emulated hosts, which get the OPTIONs
# (tests/host/run.sh), and leaves samples, tables and plots in FOLDER. A group runs on the Xen host, or on the machine
# that a line "# host: vm" of its head names. CHECK=1: fails when a target is missed. QUBES_BLOCK=PATH: Qubes' own block
# script, compared with in the place of Xen's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 groups=()
shift
while [ "$1" != -- ]; do groups+=("$1") && shift; done
shift
for group in "${groups[@]}"; do
	grep -qs "^# Group $group:" "$here/$group.sh" || { echo "bench: there is no group $group" >&2 && exit 2; }
done
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
rm -rf "${folder:?}"/*

describe() {
	echo "groups ${groups[*]}"
	echo "machine date: $(date -u '+%Y-%m-%d %H:%M UTC')"
	echo "machine emulated: by $(qemu-system-x86_64 --version | sed -n '1s/ (.*//p'), TCG"
	echo "machine on: $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg) at the start"
	echo "machine source: $(git -C "$here" describe --always --dirty 2>/dev/null || cat "$here/../../version")"
	echo "machine rounds: ${ROUNDS:-7}"
}

host_of() { sed -n 's/^# host: *//p' "$here/$1.sh" | grep . || echo xen; }

# boot KIND OPTION...: the groups that belong there, if there are any.
boot() {
	local kind=$1 group mine=() clock=()
	shift
	for group in "${groups[@]}"; do [ "$(host_of "$group")" != "$kind" ] || mine+=("$group"); done
	[ ${#mine[@]} -gt 0 ] || return 0
	# Dom0's time is what its one processor executes. Of two processors it would be the sum, as if they took turns.
	[ "$kind" != xen ] || clock=(--icount 2)
	"$here/../host/run.sh" "$kind" "$@" --name bench --valgrind --fio "${clock[@]}" \
		--env "BENCH_GROUPS=${mine[*]}" --env "ROUNDS=${ROUNDS:-7}" --limit 5400 --script "$here/inside.sh" |
		tee -a "$folder/samples" | { grep -v --line-buffered -E '^(sample|machine) ' || :; }
}

describe >"$folder/samples"
status=0
boot xen "$@" || status=$?
boot vm "$@" || status=$?
"$here/report" "$folder/samples" "$folder" ${CHECK:+--check} || status=$?
for plot in "$folder"/*.gnuplot; do (cd "$folder" && gnuplot "$plot"); done
echo "bench: $folder/bench.md, bench.json and $(find "$folder" -name '*.svg' | wc -l) plots, in $SECONDS s"
exit $status
