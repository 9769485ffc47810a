#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the image of the emulated hosts below $CACHE (default: build/cache) and prints its folder:
#   vmlinuz, xen      the kernels; vmlinux is the first one unpacked
#   base.cpio.zst     the host's initramfs, on which run.sh lays what is under test
#   fio.cpio.zst      fio with its libraries
#   guest.cpio        the base of the guests' initramfs; guest/ is the same as a tree
# The folder's name is made of what the image is made of: these scripts and the packages' versions.
# The versions are looked up only when there is no image for these scripts; then the call takes
# some milliseconds. To look them up again, remove $CACHE/packages-*.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CACHE:-$here/../../build/cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
. "$here/image/contents.sh"
. "$here/image/tools.sh"
. "$here/image/fetch.sh"
. "$here/image/tree.sh"
. "$here/image/modules.sh"
. "$here/image/guest.sh"
. "$here/pack.sh"

scripts=$(cat "$here"/build.sh "$here"/pack.sh "$here"/image/*.sh | sha256sum | cut -c1-16)
list=$cache/packages-$scripts

# Prints the image's folder; fails when it is not there yet.
image() {
	local folder
	[ -s "$list" ] || return 1
	folder=$cache/host-$( (echo "$scripts" && cat "$list") | sha256sum | cut -c1-16)
	[ -d "$folder" ] || { [ "${1:-}" = new ] || return 1; }
	echo "$folder"
}

say() { echo "emulated hosts: $* ($SECONDS s)" >&2; }

# make_image WORK: everything in the folder WORK/image.
make_image() {
	local w=$1 version
	mkdir "$w/image"
	say "downloading $(wc -l <"$list") packages"
	fetch_download "$list" "$w/debs" 2>"$w/log" || { tail -n 20 "$w/log" >&2; return 1; }
	say "unpacking"
	tree_make "$w/debs" "$w/tree" "$w/kernel"
	tree_split "$w/tree" "$w/fio"
	tree_library_cache "$w/tree"
	guest_make "$w/tree" "$w/kernel" "$w/image/guest"
	modules_copy "$w/kernel" "$w/tree/usr/lib/modules" "${modules[@]}"
	version=$(ls "$w/kernel/lib/modules")
	cp "$w/kernel/boot/vmlinuz-$version" "$w/image/vmlinuz"
	guest_kernel "$w/image/vmlinuz" >"$w/image/vmlinux"
	gzip -dc "$w/tree/boot"/xen-*.gz >"$w/image/xen"
	rm -r "$w/tree/boot"
	say "packing"
	pack "$w/image/guest" >"$w/image/guest.cpio"
	pack "$w/tree" | zstd -q -3 -T0 -o "$w/image/base.cpio.zst"
	pack "$w/fio" | zstd -q -3 -T0 -o "$w/image/fio.cpio.zst"
	cp "$list" "$w/image/packages"
}

if [ -z "$(tools_missing)" ] && image; then exit; fi
exec 9>"$cache/lock"
flock 9 # another run may be making the very same image
tools_require
if image; then exit; fi
# Left by runs that were killed: nobody else writes here while the lock is held.
rm -rf "$cache"/work.*
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "looking up packages"
fetch_resolve >"$work/packages" 2>"$work/log" || { tail -n 20 "$work/log" >&2; exit 1; }
mv "$work/packages" "$list"
folder=$(image new)
if [ ! -d "$folder" ]; then
	make_image "$work"
	mv -T "$work/image" "$folder"
fi
say "ready: $(du -h "$folder/base.cpio.zst" | cut -f1) initramfs"
echo "$folder"
