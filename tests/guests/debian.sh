# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A small Debian system in a folder, for tests: sourced.

debian_sources() {
	local file
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		[ ! -s "$file" ] || case $file in *.list | *.sources) echo "$file" ;; esac
	done
}

# debian_tree FOLDER PACKAGE,PACKAGE...: this machine's release, with its sources and keys, without documents.
debian_tree() {
	local suite files
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mapfile -t files < <(debian_sources)
	mmdebstrap --quiet --mode=root --variant=minbase --include="$2" --skip=check/empty \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		"$suite" "$1" "${files[@]}"
}
