#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tree.sh DEB...: makes a Debian system that has everything these packages depend on, and not them, below $CACHE
# (default: build/cache), and prints its folder. Named after this script and what they depend on.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../guests/debian.sh"
cache=${CACHE:-$here/../../build/cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# Of alternatives the first; versions are for apt to see to when the package comes. systemd, whose units are
# looked at.
depends() {
	local deb
	for deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/:any//; s/ //g' |
		{ grep -v '^xen-ephemeral' && echo systemd; } | LC_ALL=C sort -u | paste -sd,
}

packages=$(depends "$@")
folder=$cache/debian-tree-$( (cat "$here/tree.sh" "$here/../guests/debian.sh" && echo "$packages") | sha256sum | cut -c1-16)
if [ -d "$folder" ]; then echo "$folder"; exit; fi
exec 9>"$cache/debian-tree.lock"
flock 9 # another run may be making the very same
if [ -d "$folder" ]; then echo "$folder"; exit; fi
rm -rf "$cache"/debian-tree-*/ "$cache"/debian-work.*
work=$(mktemp -d "$cache/debian-work.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "packages: making a Debian system to install them in, 2 minutes or so" >&2
debian_tree "$work/tree" "$packages" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
chmod 755 "$work/tree"
mv -T "$work/tree" "$folder"
echo "$folder"
