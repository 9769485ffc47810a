#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb.sh FOLDER [OPTION...]: builds Debian's packages and puts them there, with their source. OPTIONs are
# dpkg-buildpackage's. Built in a folder of its own: nothing of another build is in them.
set -eu
umask 022
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
tree=$work/xen-ephemeral-$(cat "$here/../version")
"$here/source.sh" "$tree"
# A make that runs this has variables of its own for the make that runs in there.
unset MAKE MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR
cd "$tree"
dpkg-buildpackage --no-sign -J "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
cd "$work"
mv ./*.deb ./*.changes ./*.buildinfo "$out/"
for file in ./*.dsc ./*.tar.*; do [ ! -e "$file" ] || mv "$file" "$out/"; done
