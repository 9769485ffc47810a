#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh [NAME...]: tests build/xen-ephemeral-block itself, each NAME.test.sh or all of them.
#
# Real are: xenstored (Debian's, unpacked, under xenstored-shim.so), loop devices, leases, keyrings.
# Played are: device-mapper (dm-shim.so) and the kernel's block backend (blkback). Each test has
# a mount namespace of its own, with its own /dev and /sys/bus.
#
#	BUILD    the build folder, with xen-ephemeral-block and the parts (make component-parts)
#	JOBS     how many tests at once, default 6: they mostly wait
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
export BUILD=${BUILD:-$top/build}
# shellcheck source-path=SCRIPTDIR
. "$here/packages.sh"

# "program package"
tools=('mkfs.ext4 e2fsprogs' 'losetup mount' 'unshare util-linux' 'strace strace' 'setpriv util-linux'
	'prlimit util-linux' 'dpkg dpkg' 'perl perl-base')

# Says why the tier cannot run; the Makefile makes a failure of it where it has to be one.
cannot() {
	echo "tests/component cannot run: $*" >&2
	exit 77
}

missing_tools() {
	local tool
	for tool in "${tools[@]}"; do
		command -v "${tool% *}" >/dev/null || echo "${tool#* }"
	done | sort -u
}

require_tools() {
	local missing
	mapfile -t missing < <(missing_tools)
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "installing ${missing[*]}" >&2
	{ apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
		--no-install-recommends "${missing[@]}"; } >&2 ||
		cannot "apt-get install ${missing[*]}"
}

prepare() {
	PATH=$PATH:/usr/sbin:/sbin
	[ "$(id -u)" = 0 ] || cannot "it needs root: sudo make check-component"
	command -v apt-get >/dev/null || cannot "it needs Debian's apt-get for xenstored"
	require_tools
	[ -e /dev/loop-control ] || modprobe loop || cannot "there are no loop devices: modprobe loop"
	XEN=$(component_unpack "${CACHE:-$top/build/cache}") ||
		cannot "xenstored's package does not come: apt-get download xen-utils-4.17"
	export XEN PATH
}

# The name, its own range of numbers for mappings, and an end that no test can reach by itself.
start() {
	local begin=$SECONDS
	SHIM_BASE=$2 timeout -k 10 2400 unshare -m --propagation private \
		bash "$here/lib.sh" "$here/$1.test.sh" </dev/null >"$out/$1" 2>&1 9>&- ||
		echo "not ok - $1 ended with status $?" >>"$out/$1"
	grep -q '^end$' "$out/$1" || echo "not ok - $1 stopped before its end" >>"$out/$1"
	echo "# $1: $((SECONDS - begin)) s" >>"$out/$1"
	sed -e '/^end$/d' -e "s/^\(ok\|not ok\) - /&$1: /" "$out/$1"
}

run_all() {
	# 20 bits of number, of which each run takes 1,024: two runs may go on at once.
	local name base=$((4096 + BASHPID % 1000 * 1024)) done=' '
	for name; do
		[[ $done != *" $name "* ]] || continue
		done+="$name "
		while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-6}" ]; do wait -n; done
		start "$name" "$base" &
		base=$((base + 64))
	done
	wait
}

prepare
cd "$here" || exit 1
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
[ $# -gt 0 ] || {
	set -- syscalls fault kill store xenstored *.test.sh # the longest first
	set -- "${@%.test.sh}"
}
echo "TAP version 13"
# The failures again at the end, with the first lines of why, for whoever sees only that.
run_all "$@" | awk '
	/^ok - / { passed++; why = 0 }
	/^not ok - / { failed++; failures = failures $0 "\n"; why = 4 }
	/^#/ && why > 0 { failures = failures "    " $0 "\n"; why-- }
	/^(ok|not ok) - / { n++; sub(/ok -/, "ok " n " -") }
	{ print; fflush() }
	END {
		print "1.." n
		if (failed > 0) printf "\nWhat failed:\n%s", failures
		printf "%d passed, %d failed\n", passed, failed
		exit failed > 0 || passed == 0
	}'
