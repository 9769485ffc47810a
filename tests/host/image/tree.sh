# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The file tree of the emulated hosts, from packages that are unpacked and never installed.

# tree_unpack DEB TREE
tree_unpack() {
	dpkg-deb --fsys-tarfile "$1" |
		tar -C "$2" -x --keep-directory-symlink --no-same-owner "${excludes[@]/#/--exclude=}" -f -
}

# tree_make DEBS TREE KERNEL: the kernel package goes to KERNEL, every other one to TREE.
tree_make() {
	local deb
	mkdir -p "$2"/usr/{bin,sbin,lib,lib64} "$3"
	# Merged /usr, as on an installed system; it must be there before the first package.
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$2"
	for deb in "$1"/*.deb; do
		case ${deb##*/} in
		linux-image-*) tree_unpack "$deb" "$3" ;;
		*) tree_unpack "$deb" "$2" ;;
		esac
	done
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
	ln -sfn /run "$t/var/run"
	ln -sfn /run/lock "$t/var/lock"
	rm -rf "$t/usr/share" "$t/usr/lib/debug"
	mkdir -p "$t"/{proc,sys,dev,run,tmp,root,scratch,tests,guest,var/log,var/lib/xen,var/tmp}
	echo host >"$t/etc/hostname"
}

# tree_libraries_of TREE FILE...: the libraries that the files need, links resolved.
tree_libraries_of() {
	local t=$1 file libraries=$1/usr/lib/x86_64-linux-gnu
	shift
	for file; do
		# The variable, not --list: that one stops at the first library it cannot find.
		LD_TRACE_LOADED_OBJECTS=1 "$libraries/ld-linux-x86-64.so.2" \
			--library-path "$libraries:$libraries/ceph" "$file" || :
	done 2>/dev/null | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | sort -u | xargs -r realpath | sort -u
}

# tree_split TREE FIO: FIO gets fio and the libraries that nothing else needs; libraries that
# nothing at all needs are removed.
tree_split() {
	local t=$1 libraries=usr/lib/x86_64-linux-gnu needed fio file real
	mkdir -p "$2/usr/bin" "$2/$libraries"
	mv "$t/usr/bin/fio" "$2/usr/bin/"
	mv "$t/$libraries/ceph" "$2/$libraries/"
	rm -rf "$t/usr/bin"/{fio*,genfio} "$t/$libraries"/{engines-3,krb5,rsocket}
	for file in "$t/$libraries"/*.so*; do
		[[ ${file##*/} =~ $kept_libraries ]] && echo "$file"
	done >"$t.kept"
	needed=$(mapfile -t kept <"$t.kept" &&
		tree_libraries_of "$t" "$t"/usr/{bin,sbin,lib/xen-*/bin,lib/udev,lib/systemd}/* "${kept[@]}"
		xargs realpath <"$t.kept")
	fio=$(tree_libraries_of "$t" "$2/usr/bin/fio" "$2/$libraries"/ceph/*)
	# Decided for all before anything moves: a link is judged by the file it leads to.
	for file in "$t/$libraries"/*.so*; do
		real=$(realpath "$file")
		if grep -qxF "$real" <<<"$needed"; then continue; fi
		if grep -qxF "$real" <<<"$fio"; then echo "mv $file $2/$libraries/"; else echo "rm $file"; fi
	done >"$t.moves"
	sh -e "$t.moves"
	rm "$t.kept" "$t.moves"
}
