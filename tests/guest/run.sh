#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests the scripts of guest/ on this machine: each *.test.sh in dash, and again in busybox ash
# with busybox's own tools. Prints TAP; the last line counts. Device-mapper is not needed; what
# needs root (loop devices with 4096-byte sectors) is skipped without it, in CI counted as failed.
#
#	tests/guest/run.sh [NAME.test.sh...]

here=$(cd "$(dirname "$0")" && pwd)
for tool in dash busybox sfdisk mkswap; do
	command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
	command -v "$tool" >/dev/null || {
		echo "$tool is missing: apt-get install dash busybox-static fdisk util-linux"
		exit 1
	}
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/applets"
for tool in sed cat grep readlink ln mkdir mv rm mknod chmod chown sleep mkswap stat head tail tr wc; do
	ln -s "$(command -v busybox)" "$work/applets/$tool"
done

# one LABEL PATH TEST SHELL...: runs one file, which prints "ok" and "not ok" lines without numbers
# and "end" as its last: a test that dies half way is not one that passed.
one() {
	label=$1 path=$2 file=$3
	shift 3
	{
		PATH=$path "$@" "$file" </dev/null 2>&1 || echo "not ok - $file ended with status $?"
	} >"$work/out"
	grep -qx end "$work/out" || echo "not ok - $file stopped before its end" >>"$work/out"
	sed -e '/^end$/d' -e "s/^\(ok\|not ok\) - /&$label: /" "$work/out"
}

all() {
	for file; do
		one dash "$PATH" "$file" dash
		one busybox "$work/applets:$PATH" "$file" busybox ash
	done
}

cd "$here" || exit 1
[ $# -gt 0 ] || set -- *.test.sh
echo "TAP version 13"
all "$@" | awk -v ci="${CI:-}" '
	/^ok - .*# SKIP/ { if (ci == "") skipped++; else { failed++; sub(/^ok/, "not ok") } }
	/^ok - / && !/# SKIP/ { passed++ }
	/^not ok - / && !/# SKIP/ { failed++ }
	/^(ok|not ok) - / { n++; sub(/ok -/, "ok " n " -") }
	{ print; fflush() }
	END {
		print "1.." n
		printf "%d passed, %d failed", passed, failed
		if (skipped) printf ", %d skipped", skipped
		print ""
		exit failed > 0 || passed == 0
	}'
