#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sizes.sh FILE...: fails unless half of the functions have 20 lines or fewer, nine in ten 50, none over
# 100, and no file is over 400. A function is what stands between a "{" and a "}" in the first column.
set -eu
awk '
	FNR == 1 { close_file(); file = FILENAME }
	/^\{/ { start = FNR }
	/^\}/ && start { print FNR - start - 1; start = 0 }
	function close_file() { if (file != "" && last > 400) { print file ": " last " lines" >"/dev/stderr"; bad = 1 } }
	{ last = FNR }
	END { close_file(); exit bad }
' "$@" | sort -n | awk '
	{ size[NR] = $1 }
	END {
		median = size[int((NR + 1) / 2)]; ninth = size[int(NR * 0.9)]; most = size[NR]
		printf "functions: %d, median %d lines, nine in ten within %d, longest %d\n", NR, median, ninth, most
		exit !(median <= 20 && ninth <= 50 && most <= 100)
	}'
