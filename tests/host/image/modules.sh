# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel modules that are used, with those they need, and their index.

# modules_copy KERNEL DESTINATION MODULE...: DESTINATION/VERSION/ gets the modules and modules.dep.
modules_copy() {
	local kernel=$1 to=$2 version module
	shift 2
	version=$(ls "$kernel/lib/modules")
	[ -e "$kernel/lib/modules/$version/modules.dep" ] || depmod -b "$kernel" "$version"
	mkdir -p "$to/$version"
	for module; do
		# -C: the machine's own configuration has no say here.
		modprobe -C /dev/null -d "$kernel" -S "$version" --show-depends "$module"
	done | sed -n "s|^insmod .*/lib/modules/$version/\([^ ]*\).*|\1|p" | sort -u |
		(cd "$kernel/lib/modules/$version" && xargs cp --parents -t "$to/$version")
	cp "$kernel/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$to/$version/"
	modules_index "$to" "$version"
}

# depmod wants the layout BASE/lib/modules/VERSION, the trees have /usr merged.
modules_index() {
	local base
	base=$(mktemp -d)
	mkdir "$base/lib"
	ln -s "$(realpath "$1")" "$base/lib/modules"
	depmod -b "$base" "$2"
	rm -r "$base"
}
