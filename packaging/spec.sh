#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# spec.sh: prints rpm/xen-ephemeral.spec.in with its version and its changelog filled in, as Qubes' builder does it too.
set -eu
cd "$(dirname "$0")/.."

# The last release's entry of debian/changelog, in rpm's form.
changelog() {
	field() { dpkg-parsechangelog -S "$1"; }
	echo "* $(LC_ALL=C date -u -d "@$(field Timestamp)" '+%a %b %d %Y') $(field Maintainer) - $(field Version)-1"
	field Changes | sed -n 's/^  \* /- /p'
}

sed "s/@VERSION@/$(cat version)/" rpm/xen-ephemeral.spec.in | while IFS= read -r line; do
	case $line in
	@CHANGELOG@) changelog ;;
	*) printf '%s\n' "$line" ;;
	esac
done
