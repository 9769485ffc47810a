#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# overlay.sh FOLDER [DEBS]: lays dom0's package below FOLDER as it is installed, out of the .deb in the folder DEBS, or
# without DEBS the one that is installed on this machine. FOLDER/tests/package-files is its list, one path a line,
# folders after what is in them: what dpkg goes by when it removes it. Debug symbols come along where there are any.
set -euo pipefail
package=xen-ephemeral
mkdir -p "$1"
to=$(cd "$1" && pwd)

# unpacked DEBS: prints the paths, each with a slash at its end if it is a folder.
unpacked() {
	local deb=("$1/${package}"_*.deb) symbols=("$1/$package-dbgsym"_*.deb)
	dpkg-deb -x "${deb[0]}" "$to"
	[ ! -e "${symbols[0]}" ] || dpkg-deb -x "${symbols[0]}" "$to"
	dpkg-deb --fsys-tarfile "${deb[0]}" | tar -t | sed 's/^\.//'
}

# The first line that dpkg prints is the root's. /lib is a link into /usr, and stays a folder here: run.sh knows.
installed() {
	dpkg -L "$package" | sed 1d | while IFS= read -r path; do
		if [ -d "$path" ] && [ ! -L "$path" ]; then echo "$path/"; else echo "$path"; fi
	done >"$to/tests/all"
	grep -v '/$' "$to/tests/all" | sed 's/^/./' | tar -c -C / -T - | tar -x -C "$to"
	install -d -m 700 "$to/var/lib/xen-ephemeral"
	cat "$to/tests/all" && echo /
	rm "$to/tests/all"
}

mkdir -p "$to/tests"
if [ $# -gt 1 ]; then unpacked "$2"; else installed; fi | LC_ALL=C sort -r >"$to/tests/package-files"
# A pipe's status is that of the whole, but a package that was not there leaves no list.
grep -q /xen-ephemeral-block "$to/tests/package-files"
