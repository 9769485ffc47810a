#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The report of the bench on recorded samples: what it computes, and that a target that is missed, a sample that is
# missing and one that makes no sense are seen. tests/bench/recorded was measured, few rounds of some groups.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR/../..
. "$here/../counted.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# report OPTION...: of the file samples; sets out and status.
report() {
	out=$("$here/report" samples result "$@" 2>&1)
	status=$?
}

# line WHAT: what the report says of a target.
line() { grep -F -e "$1" <<<"$out" | head -n 1; }

# A file in which every target is met, made of the targets themselves: 2 rounds of 10 above, and of what makes the
# ratio half of what it may be below.
synthetic() {
	echo "groups attach scaling erase start throughput guest"
	echo "machine date: today"
	awk -F ' *[|] *' '/^#/ { next }
		function put(sample, value) { gsub("/", " ", sample); if (!seen[sample]++) print "sample", sample, value "\nsample", sample, value }
		$3 == "-" { put($2, $4 / 2); next }
		{ put($3, 1000); put($2, 500 * $4) }' "$here/targets"
}

cp "$here/recorded" samples
groups=$(sed -n 's/^groups //p' samples)
wanted=$(grep -v '^#' "$here/targets" | cut -d'|' -f2 | grep -cE "^ (${groups// /|})/")
report
is "$status" 0 "recorded samples are read"
for file in bench.md bench.json attach-ms.dat attach-ms.gnuplot; do ok "$file is there" test -s "result/$file"; done
ok "bench.json is JSON" python3 -m json.tool result/bench.json
is "$(grep -c '^| .*\(met\|MISSED\) |$' result/bench.md)" "$wanted" "bench.md has every target of its groups"
is "$(grep -c ' at most ' <<<"$out")" "$wanted" "and so has the output"
if command -v gnuplot >/dev/null; then
	ok "gnuplot takes its plot" bash -c 'cd result && gnuplot attach-ms.gnuplot && grep -q "<svg" attach-ms.svg'
fi

synthetic >samples
report --check
is "$status" 0 "all targets met: status 0"
unlike "$out" "MISSED|NOT" "and none is missed"

# Ten rounds, of which one took long: the median of the ratios, and the quarters.
{
	grep -v '^sample erase ' samples
	for value in 10 10 10 10 500; do echo "sample erase wipe-100 ms $value"; done
	for value in 1 1 2 1 1; do echo "sample erase wipe-1 ms $value"; done
} >others && mv others samples
report --check
like "$(line 'wipe --all of 100')" "  10   at most 30 +met" "the ratio is the median of the rounds'"
like "$(grep 'wipe --all of 100' result/bench.md)" "\| 10 \| 10 to 10 \| 30 \| met" "with its quarters"

# Each target alone missed, and each of its samples alone missing.
while IFS='|' read -r what above below most; do
	what=${what%% } above=${above// /} below=${below// /} most=${most// /}
	synthetic | awk -v name="sample ${above//\// } " -v over="$(awk -v most="$most" -v below="$below" \
		'BEGIN { print 1.01 * most * (below == "-" ? 1 : 1000) }')" 'index($0, name) == 1 { $5 = over } { print }' >samples
	report --check
	is "$status" 1 "missed by a hundredth: $what"
	like "$(line "$what")" "MISSED$" "it is marked"
	like "$out" "bench: .*missed: ${what%% /*}" "and named"
	report
	is "$status" 0 "which is no failure of make bench"
	for name in "$above" "${below#-}"; do
		[ -n "$name" ] || continue
		synthetic | grep -v "^sample ${name//\// } " >samples
		report
		is "$status" 1 "without $name: a failure"
		like "$out" "not measured: " "which is named"
	done
done < <(grep -v '^#' "$here/targets")

synthetic | sed '0,/^sample erase wipe-1 /{/^sample erase wipe-1 /d}' >samples
report --check
is "$status" 1 "a round that lacks one half is a failure"
like "$(line 'wipe --all of 100')" "NOT MEASURED: 2 samples of .*, 1 of" "and says so"

for wrong in "erase wipe-1 ms" "erase wipe-1 ms zero" "erase wipe-1 ms 0" "erase wipe-1 ms nan" "erase wipe-1 ms -3"; do
	{ synthetic && echo "sample $wrong"; } >samples
	report
	is "$status" 2 "'sample $wrong' is no sample"
done
: >samples
report
is "$status" 2 "no samples at all"

synthetic | sed 's/^groups .*/groups erase/' | grep -v '^sample attach ' >samples
report --check
is "$status:$(grep -c 'at most' <<<"$out")" "0:1" "a group alone: its targets alone"
counted_end
