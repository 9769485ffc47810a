#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rpm.sh FOLDER [OPTION...]: builds Fedora's packages with this machine's rpmbuild and puts them there, with the spec
# that they are made from. OPTIONs are rpmbuild's. fedora.macros stands in for what rpm has on Fedora only, and the
# packages' names in the spec are Fedora's, so that what they require is not looked for here.
set -eu
umask 022
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
version=$(cat "$here/../version")
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
unset MAKE MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR
name=xen-ephemeral-$version
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$here/../debian/changelog" -S Timestamp)
export SOURCE_DATE_EPOCH
"$here/source.sh" "$work/$name"
mkdir "$work/SOURCES"
tar -cz --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
	-f "$work/SOURCES/$name.tar.gz" -C "$work" "$name"
"$here/spec.sh" >"$out/xen-ephemeral.spec"
rpmbuild -ba --nodeps --load="$here/fedora.macros" --define "_topdir $work" --define "_buildhost localhost" \
	"$@" "$out/xen-ephemeral.spec" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
find "$work/RPMS" "$work/SRPMS" -name '*.rpm' -exec mv {} "$out/" \;
