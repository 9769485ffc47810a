# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# The file tree of the emulated hosts, from packages that are unpacked and never installed.

# tree_unpack DEB TREE
tree_unpack() {
	dpkg-deb --fsys-tarfile "$1" |
		tar -C "$2" -x --keep-directory-symlink --no-same-owner "${excludes[@]/#/--exclude=}" -f -
}

# tree_make DEBS TREE KERNEL: the kernel package goes to KERNEL, every other one to TREE.
tree_make() {
	local deb kernel
	mkdir -p "$2"/usr/{bin,sbin,lib,lib64} "$3"
	# Merged /usr, as on an installed system; it must be there before the first package.
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$2"
	# The kernel is half of the work, and the machine has a second core.
	tree_unpack "$1"/linux-image-*.deb "$3" &
	kernel=$!
	for deb in "$1"/*.deb; do
		[[ ${deb##*/} == linux-image-* ]] || tree_unpack "$deb" "$2"
	done
	wait "$kernel"
	tree_configure "$2"
}

# What the maintainer scripts would have done, as far as anything here needs it.
tree_configure() {
	local t=$1
	cp "$t/usr/share/base-passwd/passwd.master" "$t/etc/passwd"
	cp "$t/usr/share/base-passwd/group.master" "$t/etc/group"
	# udev's own groups; it warns about every rule that names one it cannot find.
	printf '%s:\n' input:x:101 sgx:x:102 kvm:x:103 render:x:104 >>"$t/etc/group"
	ln -sf dash "$t/usr/bin/sh"
	ln -sf mawk "$t/usr/bin/awk"
	rm -rf "$t"/var/{run,lock} "${t:?}/usr/share"
	ln -s /run "$t/var/run"
	ln -s /run/lock "$t/var/lock"
	mkdir -p "$t"/{proc,sys,dev,run,tmp,root,scratch,tests,guest,var/log,var/lib/xen,var/tmp}
	echo host >"$t/etc/hostname"
}

# tree_libraries_of TREE FILE...: the libraries that the files need, under the names they use.
tree_libraries_of() {
	local t=$1 file libraries=$1/usr/lib/x86_64-linux-gnu
	shift
	for file; do
		# The variable, not --list: that one stops at the first library it cannot find.
		LD_TRACE_LOADED_OBJECTS=1 "$libraries/ld-linux-x86-64.so.2" \
			--library-path "$libraries:$libraries/ceph" "$file" || :
	done 2>/dev/null | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | sort -u
}

# tree_split TREE FIO: FIO gets fio and the libraries that nothing else needs; libraries that
# nothing at all needs are removed.
tree_split() {
	local t=$1 libraries=$1/usr/lib/x86_64-linux-gnu fio_libraries=$2/usr/lib/x86_64-linux-gnu kept
	mkdir -p "$2/usr/bin" "$fio_libraries"
	mv "$t/usr/bin/fio" "$2/usr/bin/"
	mv "$libraries/ceph" "$fio_libraries/"
	rm -rf "$t/usr/bin"/{fio*,genfio} "$libraries"/{engines-3,krb5,rsocket}
	mapfile -t kept < <(find "$libraries" -maxdepth 1 -name '*.so*' |
		grep -E "/($kept_libraries)[^/]*\$")
	{
		tree_libraries_of "$t" "$t"/usr/{bin,sbin,lib/xen-*/bin,lib/udev,lib/systemd}/* "${kept[@]}"
		printf '%s\n' "${kept[@]}"
	} | xargs realpath | sort -u >"$t.needed"
	tree_libraries_of "$t" "$2/usr/bin/fio" "$fio_libraries"/ceph/* |
		xargs realpath | sort -u >"$t.fio"
	tree_move_libraries "$libraries" "$t.needed" "$t.fio" "$fio_libraries"
	rm "$t.needed" "$t.fio"
}

# tree_library_cache TREE: as on an installed system; without it the linker tries ten folders a program, which no dom0
# does. What is not in the cache, such as fio's, is still looked for.
tree_library_cache() {
	PATH=$PATH:/usr/sbin:/sbin ldconfig -X -r "$1" /lib/x86_64-linux-gnu
}

# tree_move_libraries LIBRARIES NEEDED FIO TO. A link is judged by the file it leads to, so all is
# decided before anything moves.
tree_move_libraries() {
	local i needed fio
	local -a names real
	mapfile -t names < <(find "$1" -maxdepth 1 -name '*.so*')
	mapfile -t real < <(realpath "${names[@]}")
	needed=$(<"$2") fio=$(<"$3")
	for i in "${!names[@]}"; do
		if [[ $'\n'$needed$'\n' == *$'\n'${real[i]}$'\n'* ]]; then continue; fi
		if [[ $'\n'$fio$'\n' == *$'\n'${real[i]}$'\n'* ]]; then
			mv "${names[i]}" "$4/"
		else
			rm "${names[i]}"
		fi
	done
}
