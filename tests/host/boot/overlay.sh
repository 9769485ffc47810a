# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run adds to the image: the programs under test, the tests, the guests' initramfs.

# overlay_tests ROOT TEST...
overlay_tests() {
	local root=$1 test name
	shift
	mkdir -p "$root/tests"
	cp "$here/lib.sh" "$here/lib-xen.sh" "$root/tests/"
	: >"$root/tests/order"
	for test; do
		name=$(basename "$test" .sh)
		[ ! -e "$root/tests/$name.sh" ] || fatal "two tests are called $name"
		cp "$test" "$root/tests/$name.sh"
		echo "$name" >>"$root/tests/order"
	done
}

# overlay_guest ROOT IMAGE [FOLDER]: one gzip member over base and project's step, since libxc reads
# the unpacked size from the file's last four bytes.
overlay_guest() {
	local root=$1 image=$2 guest=$1.guest
	mkdir -p "$root/guest" "$guest"
	cp "$image/vmlinux" "$root/guest/"
	[[ " ${extras[*]} " != *" hvm "* ]] || cp "$image/vmlinuz" "$root/guest/"
	install -m 755 "$here/inside/guest-init" "$guest/plain-init"
	ln -s plain-init "$guest/init"
	[ -z "${3:-}" ] || overlay_lay "$3" "$guest"
	{ cat "$image/guest.cpio" && pack "$guest"; } | gzip -1 >"$root/guest/initramfs"
}

# overlay_lay FROM TO: FROM's tree over TO's. /bin, /sbin and /lib are links into /usr in the image,
# and an archive that had them as folders would replace the links.
overlay_lay() {
	local name
	[ -d "$1" ] || fatal "no folder $1"
	cp -a --remove-destination "$1/." "$2/"
	for name in bin sbin lib lib64; do
		if [ -L "$2/$name" ] || [ ! -d "$2/$name" ]; then continue; fi
		mkdir -p "$2/usr/$name"
		cp -a --remove-destination "$2/$name/." "$2/usr/$name/"
		rm -r "${2:?}/$name"
	done
}
