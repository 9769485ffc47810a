#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# overlay.sh FOLDER [DEBS]: dom0's package, for the emulated hosts to install when they boot: FOLDER/packages gets the
# .deb, out of the folder DEBS, or without DEBS the one that is installed on this machine, packed again. FOLDER/var and
# FOLDER/etc get what dpkg has to know of a system that it has not made. Debug symbols come along where there are any.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
package=xen-ephemeral
image=$("$(dirname "$0")/host/build.sh")
mkdir -p "$1/packages"
to=$(cd "$1" && pwd)

built() {
	local symbols=("$1/$package-dbgsym"_*.deb)
	cp "$1/${package}"_*.deb "$to/packages/"
	[ ! -e "${symbols[0]}" ] || dpkg-deb --fsys-tarfile "${symbols[0]}" | tar -x -C "$to" ./usr/lib/debug
}

installed() { (cd "$to/packages" && dpkg-repack "$package" >/dev/null); }

depends() { dpkg-deb -f "$to/packages/${package}"_*.deb Depends | tr ',' '\n' | sed 's/[(|].*//; s/ //g'; }

# database: of what the package depends on, what the image has, in its versions. dpkg then sees for itself whether they
# are enough.
database() {
	local name version
	install -d "$to/var/lib/dpkg/info"
	for name in $(depends); do
		version=$(awk -F= -v name="$name" '$1 == name { print $2 }' "$image/packages")
		[ -n "$version" ] || continue
		printf '%s\n' "Package: $name" 'Status: install ok installed' 'Maintainer: Debian' 'Architecture: amd64' \
			"Version: $version" 'Description: a part of the image' ''
		: >"$to/var/lib/dpkg/info/$name.list"
	done >"$to/var/lib/dpkg/status"
}

# The image has no ldconfig. Nor has it libarchive, for the 30 MB of ICU that come with it: kernels are made ready on
# this machine, and dom0 runs no xen-ephemeral-initramfs.
settings() {
	install -d "$to/etc/dpkg/dpkg.cfg.d"
	printf '%s\n' force-bad-path ignore-depends=libarchive13 >"$to/etc/dpkg/dpkg.cfg.d/emulated-host"
}

if [ $# -gt 1 ]; then built "$2"; else installed; fi
database
settings
