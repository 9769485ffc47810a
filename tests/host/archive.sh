# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# An archive that run.sh lays over the image for the tests that need it, made of more packages of
# Debian's. For a script that has set:
#   here       the folder of this file
#   name       the archive's; the script is $here/$name.sh
#   what       in words, for who waits
#   packages   Debian's names
#   programs   what of the tree goes into the archive whole, from its top; patterns
#   binary     the program whose libraries go with it
# shellcheck source-path=SCRIPTDIR

image=$("$here/build.sh")
cache=$(cd "$(dirname "$image")" && pwd)
. "$here/image/fetch.sh"
. "$here/image/tree.sh"
. "$here/pack.sh"

# archive_fill WORK: WORK/archive gets the programs, and the libraries that the host has not.
archive_fill() {
	local library to=$1/archive libraries=usr/lib/x86_64-linux-gnu deb
	fetch_resolve >"$1/list"
	fetch_download "$1/list" "$1/debs"
	mkdir -p "$1"/tree/usr/{bin,sbin,lib,lib64} "$to/$libraries"
	(cd "$1/tree" && ln -s usr/bin usr/sbin usr/lib usr/lib64 .)
	for deb in "$1"/debs/*.deb; do tree_unpack "$deb" "$1/tree"; done
	# shellcheck disable=SC2086 # patterns
	(cd "$1/tree" && cp --parents -a -t "$to" $programs)
	zstd -dc "$image/base.cpio.zst" | cpio -it --quiet >"$1/there"
	tree_libraries_of "$1/tree" "$1/tree/$binary" | while read -r library; do
		grep -qxF "$libraries/${library##*/}" "$1/there" || cp -L "$library" "$to/$libraries/"
	done
}

# Prints the archive's path; makes it first, once for what it is made of.
archive_print() {
	local made work
	made=$cache/$name-$( (cat "$here/$name.sh" "$here/archive.sh" "$image/packages") | sha256sum | cut -c1-16).cpio.zst
	exec 9>"$cache/lock"
	[ -s "$made" ] || flock 9 # another run may be making the very same archive
	if [ -s "$made" ]; then echo "$made" && return; fi
	rm -rf "$cache"/work.*
	work=$(mktemp -d "$cache/work.XXXXXX")
	# shellcheck disable=SC2064 # this folder
	trap "rm -rf '$work'" EXIT
	echo "emulated hosts: adding $what" >&2
	archive_fill "$work" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2 && return 1; }
	pack "$work/archive" | zstd -q -3 -T0 -o "$work/archive.zst"
	mv "$work/archive.zst" "$made"
	echo "$made"
}
