# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's xenstored and its clients, downloaded and unpacked below the cache, never installed:
# installing Xen's packages can make a computer boot Xen.

# The libraries come along: a machine that only builds has no libxenctrl.
component_packages() {
	local version
	version=$(apt-cache pkgnames xen-utils- | sed -n 's/^xen-utils-\([0-9.]*\)$/\1/p' | sort -V | tail -n 1)
	[ -n "$version" ] || return 1
	echo "xen-utils-$version" xenstore-utils "libxenmisc$version" libxenevtchn1 libxengnttab1 \
		libxencall1 libxenforeignmemory1 libxendevicemodel1 libxentoollog1 libxentoolcore1 \
		libxenstore4
}

component_download() {
	local packages
	# The machine's lists may be missing, as they are in a fresh container.
	packages=$(component_packages) || {
		apt-get -q update
		packages=$(component_packages)
	} || return 1
	# shellcheck disable=SC2086 # a list of words
	(cd "$1" && apt-get -q -o APT::Sandbox::User=root download $packages)
}

# component_unpack CACHE: prints the folder that the packages are in.
component_unpack() {
	local tree=$1/component work package
	[ -x "$tree/xenstored" ] || {
		mkdir -p "$1"
		work=$(mktemp -d "$1/component.XXXXXX")
		if ! component_download "$work" >"$work/log" 2>&1; then
			tail -n 5 "$work/log" >&2
			rm -r "$work"
			return 1
		fi
		for package in "$work"/*.deb; do dpkg -x "$package" "$work"; done
		rm "$work"/*.deb
		(cd "$work" && ln -sf usr/lib/xen-*/bin/xenstored xenstored)
		rm -rf "$tree"
		mv -T "$work" "$tree"
	}
	echo "$tree"
}
