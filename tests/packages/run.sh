#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD [NAME.test.sh...]: the release's tarball, Debian's and Fedora's packages and `make install`, compared with
# each other and taken away again. BUILD/packages are Debian's, as the emulated hosts get them. Prints TAP; the
# last line counts.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -e "$1") || exit 1
shift
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source-path=SCRIPTDIR
. "$top/tests/host/lib.sh"

passed=0 failed=0 skipped=0
pass() { echo "ok - $*" && passed=$((passed + 1)); }
fail_with() {
	echo "not ok - $1" && failed=$((failed + 1))
	[ $# -lt 2 ] || [ -z "$2" ] || diag "$2"
	return 1
}
# skip REASON: for all of a file. Where CI is set, nothing may be skipped.
skip() {
	if [ -n "${CI:-}" ]; then fail_with "not tested: $1"; else
		echo "ok - # SKIP $1" && skipped=$((skipped + 1))
	fi
}

version=$(cat "$top/version")
T=$(mktemp -d -p "${TMPDIR:-/var/tmp}" xen-ephemeral-packages.XXXXXX) || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$T"
. "$here/lib.sh"
cd "$T" || exit 1
[ $# -gt 0 ] || set -- version.test.sh dist.test.sh deb.test.sh rpm.test.sh same.test.sh apt.test.sh
for test; do
	seconds=$SECONDS
	# shellcheck source=/dev/null
	. "$here/$(basename "$test")"
	diag "$(basename "$test" .test.sh): $((SECONDS - seconds)) s"
done
printf '%s passed, %s failed' "$passed" "$failed"
[ "$skipped" = 0 ] || printf ', %s skipped' "$skipped"
echo
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
