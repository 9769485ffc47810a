# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels' folders in small, and what looks at them; sourced by run.sh, which sets $top, $build and $T.

root=$T/kernels share=$T/share K=$T/kernels/k
mkdir "$root" "$share"
printf '#!/bin/sh\n# ours\n' >"$share/qubes-init"
echo "# disks" >"$share/ephemeral-disks.sh"
echo "# steps" >"$share/qubes-steps.sh"

# it VERB ARGUMENT...: sets $out, $err, $status.
it() {
	out=$("$program" "$1" --root "$root" ${share:+--share "$share"} "${@:2}" 2>"$T/err")
	status=$?
	err=$(cat "$T/err")
}
revert() {
	out=$("$program" revert --root "$root" "$@" 2>"$T/err")
	status=$?
	err=$(cat "$T/err")
}

# The stock tree: what a Qubes kernel's initramfs has, in small, with a device node among it.
tree=$T/tree
mkdir -p "$tree/usr/lib" "$tree/usr/bin" "$tree/dev"
ln -s usr/lib "$tree/lib"
ln -s usr/bin "$tree/bin"
mknod "$tree/dev/console" c 5 1
printf '#!/bin/sh\necho stock\n' >"$tree/init"
chmod 750 "$tree/init"
head -c 300000 /bin/bash >"$tree/usr/bin/sh"

archive() { # TREE: as dracut makes it
	(cd "$1" && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0)
}
mkdir -p "$T/early/kernel/x86/microcode"
head -c 5000 /bin/ls >"$T/early/kernel/x86/microcode/GenuineIntel.bin"
archive "$T/early" >"$T/early.cpio"
archive "$tree" >"$T/stock.cpio"

pack() { # HOW: standard input, compressed
	case $1 in
	gzip) gzip -9n ;;
	xz) xz --check=crc32 ;;
	zstd) zstd -q -c ;;
	lz4) lz4 -l -q -9 - - ;;
	none) cat ;;
	esac
}

digest() { (cd "$1" && find . -printf '%p %y %m %U %G %l\n' | LC_ALL=C sort && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }

sum() { sha256sum <"$1" | cut -d' ' -f1; }

new_kernel() { # INITRAMFS
	chattr -R -i "$root" 2>/dev/null
	rm -rf "${root:?}"/* "${root:?}"/.xen*
	mkdir "$K"
	echo kernel >"$K/vmlinuz"
	echo "nopat" >"$K/default-kernelopts-common.txt"
	cp "$1" "$K/initramfs"
}

# What must be in a prepared one: the stock tree, and ours over it.
want=$T/want
cp -a "$tree" "$want"
mv "$want/init" "$want/init.stock"
install -m 755 "$share/qubes-init" "$want/init"
install -d -m 755 "$want/.xen-ephemeral"
install -m 644 -t "$want/.xen-ephemeral" "$share/ephemeral-disks.sh" "$share/qubes-steps.sh"

# A second archive, for initramfs of several.
mkdir "$T/second" && echo two >"$T/second/two"

# The archives in $T/flat, with the zeros between them taken away, one by one.
unpack_flat() {
	python3 - "$T/flat" "$T/piece" <<'P'
import sys
data = open(sys.argv[1], "rb").read()
at = count = 0
while at < len(data):
    if data[at] == 0:
        at += 1
        continue
    start = at
    while True:
        assert data[at:at + 6] == b"070701", (at, data[at:at + 6])
        size, name = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
        body = start + ((at - start + 110 + name + 3) & ~3)
        end = data[at + 110:at + 110 + name - 1] == b"TRAILER!!!"
        at = start + ((body - start + size + 3) & ~3)
        if end:
            break
    open("%s.%d" % (sys.argv[2], count), "wb").write(data[start:at])
    count += 1
P
	rm -rf "$T/got"
	mkdir "$T/got"
	for piece in "$T"/piece.*; do
		(cd "$T/got" && cpio --quiet -idmu <"$piece")
	done
	rm -f "$T"/piece.*
}

# modules.img, as small as it can be.
make_image() { # TYPE
	rm -rf "$T/modules" && mkdir -p "$T/modules/6.1/kernel"
	head -c 400000 /bin/bash >"$T/modules/6.1/kernel/a.ko"
	cp "$K/vmlinuz" "$T/modules/vmlinuz"
	cp "$T/stock" "$T/modules/initramfs"
	chmod 640 "$T/modules/initramfs"
	rm -f "$K/modules.img"
	"mkfs.$1" -q -F -E root_owner=0:0 -d "$T/modules" "$K/modules.img" 20M >/dev/null 2>&1
	debugfs -w -R "sif /initramfs flags 0x$(printf %x $((0x$(debugfs -R 'stat /initramfs' "$K/modules.img" 2>/dev/null | sed -n 's/.*Flags: 0x\([0-9a-f]*\).*/\1/p' | head -n 1) | 0x10)))" "$K/modules.img" 2>/dev/null
	debugfs -w -R 'sif /initramfs uid 7' "$K/modules.img" 2>/dev/null
	echo -n label >"$T/label" && debugfs -w -R "ea_set -f $T/label /initramfs security.selinux" "$K/modules.img" 2>/dev/null
	e2fsck -fp "$K/modules.img" >/dev/null 2>&1
	resize2fs -fM "$K/modules.img" >/dev/null 2>&1
	cp "$K/modules.img" "$T/modules.img"
}
inside() { # FILE: the initramfs in an image
	debugfs -R "dump /initramfs $T/inside" "$1" 2>/dev/null && sum "$T/inside"
}

# wrong: one line, by that status.
wrong() { # STATUS PATTERN NAME ARGUMENT...
	local want=$1 pattern=$2 name=$3
	shift 3
	it "$@"
	like "$status:$(wc -l <"$T/err"):$err" "^$want:1:xen-ephemeral-initramfs: .*$pattern" "$name"
}
