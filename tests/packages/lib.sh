# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the packages share; sourced by run.sh, which sets $top, $build, $version and $T.

# debs, rpms: made once for all tests; the second is empty when it could not be made.
debs=$build/packages
rpms=$T/rpm

# deb PACKAGE, rpm_of PACKAGE: its file.
deb() { echo "$debs/$1_$version"_*.deb; }
rpm_of() { find "$rpms" -name "$1-$version-*.rpm" ! -name '*.src.rpm'; }

make_rpms() {
	[ ! -d "$rpms" ] || return 0
	"$top/packaging/rpm.sh" "$rpms" --nocheck >"$T/rpm.log" 2>&1 </dev/null
}

# as_listed FOLDER: everything below it: TYPE MODE PATH [TARGET]. Of the folders those that are the project's: each way
# to install makes the others, or leaves it to other packages.
as_listed() {
	(cd "$1" && find . -mindepth 1 -printf '%y %m %P %l\n') | sed 's/ *$//' | awk '$1 != "d" || $3 ~ /xen-ephemeral/'
}
