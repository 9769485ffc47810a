#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what guests are made of, below $CACHE (default: build/cache), and prints its folder:
#   tree/       a Debian system with systemd, and with what makes an initramfs: dracut and initramfs-tools
#   vmlinuz     the kernel, the one of the emulated hosts; its modules are in tree/usr/lib/modules
#   version     that kernel's version
# Made by mmdebstrap with the machine's own sources and keys. The folder is named after this script and
# after the emulated hosts' image, whose kernel it shares.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/debian.sh"
cache=${CACHE:-$here/../../build/cache}
image=$(CACHE=$cache "$here/../host/build.sh")
cache=$(cd "$cache" && pwd)
folder=$cache/guests-$( (cat "$here/build.sh" "$here/debian.sh" "$image/packages") | sha256sum | cut -c1-16)

# A system as users have it, as small as it can be. Only the parts of the two makers of an initramfs:
# the packages that would run them at each change of a kernel exclude each other.
packages=systemd-sysv,udev,dbus,kmod,e2fsprogs,fdisk,dmsetup,busybox-static,parted
packages+=,dracut-core,initramfs-tools-core,zstd,xz-utils,lz4,cpio

say() { echo "guests: $* ($SECONDS s)" >&2; }

# The kernel's package is unpacked only: installing it would ask for one of the makers.
add_kernel() { # WORK
	local wanted version
	wanted=$(grep -m 1 '^linux-image-[0-9]' "$image/packages")
	mkdir "$1/kernel"
	(cd "$1/kernel" && apt-get -q -o APT::Sandbox::User=root download "$wanted" >&2 && dpkg-deb -x ./*.deb .)
	version=$(ls "$1/kernel/lib/modules")
	mkdir -p "$1/tree/usr/lib/modules"
	mv "$1/kernel/lib/modules/$version" "$1/tree/usr/lib/modules/"
	cp "$1/kernel/boot/config-$version" "$1/tree/boot/"
	mv "$1/kernel/boot/vmlinuz-$version" "$1/vmlinuz"
	echo "$version" >"$1/version"
	rm -r "$1/kernel"
	chroot "$1/tree" depmod "$version"
}

if [ -d "$folder" ]; then echo "$folder"; exit; fi
exec 9>"$cache/guests.lock"
flock 9 # another run may be making the very same
if [ -d "$folder" ]; then echo "$folder"; exit; fi
"$here/../setup.sh" mmdebstrap kmod >&2
rm -rf "$cache"/guests-work.*
work=$(mktemp -d "$cache/guests-work.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
say "making a Debian system with systemd, dracut and initramfs-tools, 2 minutes or so"
debian_tree "$work/tree" "$packages" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
add_kernel "$work"
rm "$work/log"
mv -T "$work" "$folder"
trap - EXIT
say "ready: $(du -sh "$folder/tree" | cut -f1)"
echo "$folder"
