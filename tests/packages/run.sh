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
. "$top/tests/counted.sh"

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
counted_end
