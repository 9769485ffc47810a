#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what an emulated Xen host needs beside its image to run HVM guests, below $CACHE (default:
# build/cache): Debian's QEMU for Xen, its firmware and hvmloader. Prints the archive, which run.sh --hvm
# lays over the image: few tests need it, and it is as large as all the rest of the host.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
image=$("$here/build.sh")
cache=$(cd "$(dirname "$image")" && pwd)
. "$here/image/contents.sh"
. "$here/image/fetch.sh"
. "$here/image/tree.sh"
. "$here/pack.sh"

packages=(qemu-system-xen xen-utils-4.17 seabios)
excludes=(./usr/share/doc ./usr/share/man ./usr/share/locale ./usr/share/icons ./usr/share/applications)
archive=$cache/hvm-$( (cat "$here/hvm.sh" "$image/packages") | sha256sum | cut -c1-16).cpio.zst

# hvm_make WORK: WORK/hvm gets the programs and firmware, and the libraries that the host has not.
hvm_make() {
	local deb hvm=$1/hvm libraries=usr/lib/x86_64-linux-gnu
	fetch_resolve >"$1/list"
	fetch_download "$1/list" "$1/debs"
	mkdir -p "$1"/tree/usr/{bin,sbin,lib,lib64} "$hvm/$libraries"
	(cd "$1/tree" && ln -s usr/bin usr/sbin usr/lib usr/lib64 .)
	for deb in "$1"/debs/*.deb; do tree_unpack "$deb" "$1/tree"; done
	(cd "$1/tree" && cp --parents -a -t "$hvm" usr/libexec/xen-qemu-system-i386 usr/lib/xen-*/boot/hvmloader \
		usr/share/seabios usr/share/qemu)
	cp -a --parents "$1"/tree/usr/lib/xen-*/bin/qemu-system-i386 "$hvm/" 2>/dev/null || :
	zstd -dc "$image/base.cpio.zst" | cpio -it --quiet >"$1/there"
	tree_libraries_of "$1/tree" "$1/tree/usr/libexec/xen-qemu-system-i386" | while read -r deb; do
		grep -qxF "$libraries/${deb##*/}" "$1/there" || cp -L "$deb" "$hvm/$libraries/"
	done
}

if [ -s "$archive" ]; then echo "$archive"; exit; fi
exec 9>"$cache/lock"
flock 9 # another run may be making the very same archive
if [ -s "$archive" ]; then echo "$archive"; exit; fi
rm -rf "$cache"/work.*
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "emulated hosts: adding QEMU for HVM guests" >&2
hvm_make "$work" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
pack "$work/hvm" | zstd -q -3 -T0 -o "$work/archive"
mv "$work/archive" "$archive"
echo "$archive"
