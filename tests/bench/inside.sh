#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make bench` runs in the emulated host: the groups that BENCH_GROUPS names, one after the other.
. /tests/lib.sh
. /tests/bench/lib.sh

machine kernel: "$(uname -r)"
machine "processors of the host:" "$(nproc), memory $(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MiB"
[ ! -e /proc/xen/capabilities ] || machine xen: "$(xl info xen_version)"
machine device-mapper: "$(dmsetup targets | awk '/^(crypt|snapshot) / { printf "%s %s ", $1, $2 }')"
machine cryptsetup: "$(cryptsetup --version | cut -d' ' -f2)"
status=0
for group in $BENCH_GROUPS; do
	start=$SECONDS
	mkdir "$group"
	(cd "$group" && exec bash "/tests/bench/$group.sh") || { echo "$group: failed" && status=1; }
	machine "seconds of $group:" $((SECONDS - start))
done
exit $status
