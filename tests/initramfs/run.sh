#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD: xen-ephemeral-initramfs on kernels' folders made here, as root: initramfs of every
# compression, modules.img, and SIGKILL after each of its system calls.
set -u -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "$1")
program=$build/xen-ephemeral-initramfs
kill_at=$build/tests/kill/kill-at
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source-path=SCRIPTDIR
. "$top/tests/host/lib.sh"
# shellcheck source=/dev/null
. "$top/completion/xen-ephemeral-initramfs"

# Counted here: results are told one by one.
passed=0 failed=0
pass() { echo "ok - $*" && passed=$((passed + 1)); }
fail_with() {
	echo "not ok - $1" && failed=$((failed + 1))
	[ $# -lt 2 ] || diag "$2"
}

[ "$(id -u)" = 0 ] || bail "not root: the archives hold device nodes, the images owners"
T=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'chattr -R -i "$T" 2>/dev/null; rm -rf "$T"' EXIT
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

# prepared NAME EARLY HOW: by prepare, from a file of that kind; then the same again, check and revert.
prepared() {
	local name=$1 early=$2 how=$3 before
	{ [ "$early" = no ] || cat "$T/early.cpio"; pack "$how" <"$T/stock.cpio"; } >"$T/stock"
	new_kernel "$T/stock"
	it prepare k
	is "$status:$err" 0: "$name: prepare"
	if [ "$early" = no ] && [ "$how" = gzip ]; then
		# One member: its own tail tells the length of all that is unpacked, as libxc reads it.
		is "$(gzip -dc <"$K/initramfs" | wc -c)" "$(tail -c 4 "$K/initramfs" | od -An -tu4 | tr -d ' ')" "$name: one gzip member"
		is "$(head -c 8 "$K/initramfs" | od -An -tx1 | tr -d ' ')" 1f8b080000000000 "$name: no name and no time in it"
		gzip -dc <"$K/initramfs" >"$T/flat"
		ok "$name: the stock cpio bytes stand in front" cmp -n "$(stat -c %s "$T/stock.cpio")" "$T/flat" "$T/stock.cpio"
	else
		ok "$name: the stock bytes stand in front" cmp -n "$(stat -c %s "$T/stock")" "$K/initramfs" "$T/stock"
		tail -c +$(($(stat -c %s "$T/stock") + 1)) "$K/initramfs" >"$T/rest"
		[ "$how" = lz4 ] && lz4 -dcq <"$T/rest" >"$T/ours" || cp "$T/rest" "$T/ours"
		# Linux takes an archive that is not packed on a multiple of 4 only.
		[ "$how" = lz4 ] || is "$((($(stat -c %s "$T/stock") + $(grep -abom 1 070701 "$T/rest" | head -n 1 | cut -d: -f1)) % 4))" 0 "$name: ours stands on a multiple of 4"
		cat "$T/stock.cpio" "$T/ours" >"$T/flat"
		[ "$early" = no ] || { cat "$T/early.cpio" "$T/flat" >"$T/flat2" && mv "$T/flat2" "$T/flat"; }
	fi
	unpack_flat
	if [ "$early" = yes ]; then rm -rf "$T/got/kernel"; fi
	is "$(digest "$T/got")" "$(digest "$want")" "$name: unpacked it is the stock tree with ours over it"
	is "$(sum "$K/initramfs.stock")" "$(sum "$T/stock")" "$name: the original is kept"
	is "$(sed -n 's/^initramfs-sha256: //p' "$K/xen-ephemeral-supported")" "$(sum "$K/initramfs")" "$name: the marker has its sum"
	it check k
	is "$status" 0 "$name: check"
	before=$(find "$K" -printf '%p %i %T@ %C@\n' | sort && sum "$K/initramfs")
	it prepare k
	is "$status:$(find "$K" -printf '%p %i %T@ %C@\n' | sort && sum "$K/initramfs")" "0:$before" "$name: prepare twice is once, and writes nothing"
	revert k
	is "$status:$(sum "$K/initramfs"):$(ls -A "$K")" "0:$(sum "$T/stock"):$(printf '%s\n' default-kernelopts-common.txt initramfs vmlinuz)" \
		"$name: revert gives the original bytes back, and nothing is left"
	it check k
	is "$status" 3 "$name: check says 3 then"
}

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

for how in gzip xz zstd lz4 none; do
	prepared "$how" no "$how"
	prepared "early microcode, then $how" yes "$how"
done

# Two gzip members, which libxc would take for one.
mkdir "$T/second" && echo two >"$T/second/two"
{ pack gzip <"$T/stock.cpio" && archive "$T/second" | pack gzip && archive "$T/second" | pack xz; } >"$T/stock"
truncate -s %4 "$T/stock"
archive "$T/second" >>"$T/stock"
new_kernel "$T/stock"
it prepare k
is "$status:$err" 0: "gzip, gzip, xz and a plain one: prepare"
gzip -dc <"$K/initramfs" >"$T/flat"
is "$(stat -c %s "$T/flat")" "$(tail -c 4 "$K/initramfs" | od -An -tu4 | tr -d ' ')" "and they are one gzip member"
unpack_flat
is "$(cat "$T/got/two"; cat "$T/got/init.stock")" "two"$'\n'"$(cat "$tree/init")" "with all of them in it"

# A symbolic link as the stock /init, and the last of several.
rm -rf "$T/linked"
cp -a "$tree" "$T/linked"
ln -sf usr/lib/systemd/systemd "$T/linked/init"
{ pack zstd <"$T/stock.cpio" && head -c 6 /dev/zero && archive "$T/linked" | pack xz; } >"$T/stock"
new_kernel "$T/stock"
it prepare k
is "$status:$err" 0: "a symbolic link as /init: prepare"
{ cat "$T/stock.cpio" && archive "$T/linked" && tail -c +$(($(stat -c %s "$T/stock") + 1)) "$K/initramfs"; } >"$T/flat"
unpack_flat
is "$(readlink "$T/got/init.stock"):$(head -n 2 "$T/got/init" | tail -n 1)" "usr/lib/systemd/systemd:# ours" "the last of two /init is kept, as the link it is"
is "$((($(stat -c %s "$K/initramfs") - $(stat -c %s "$T/stock")) % 512 < 4))" 1 "zeros up to a multiple of 4 and our archive are all that is added"

# Our files change: from the kept original again. A package brings a new stock one: that is the original.
pack gzip <"$T/stock.cpio" >"$T/stock"
new_kernel "$T/stock"
it prepare k
first=$(sum "$K/initramfs")
echo "# newer" >>"$share/qubes-steps.sh"
it check k
is "$status" 3 "newer files of ours: check says 3"
it prepare k
isnt "$(sum "$K/initramfs")" "$first" "newer files of ours: prepared anew"
is "$status:$(sum "$K/initramfs.stock")" "0:$(sum "$T/stock")" "from the kept original"
sed -i '$d' "$share/qubes-steps.sh"
it prepare k
is "$(sum "$K/initramfs")" "$first" "the older files again: the older bytes again"
archive "$T/linked" | pack gzip >"$T/newer"
cp "$T/newer" "$K/package" && mv "$K/package" "$K/initramfs"
it check k
is "$status" 3 "a package's new initramfs: check says 3, the marker is stale"
it prepare k
is "$status:$(sum "$K/initramfs.stock")" "0:$(sum "$T/newer")" "a package's new initramfs is prepared, and is the original now"
revert k
is "$(sum "$K/initramfs")" "$(sum "$T/newer")" "and revert gives it back"
rm "$K/initramfs" && it prepare k
like "$status:$err" "^1:.*: cannot prepare k/initramfs: No such file or directory$" "no initramfs: says so"

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
# What stays: who owns it, its mode, its times, its flags but for those of its blocks, its label.
about() {
	debugfs -R 'stat /initramfs' "$1" 2>/dev/null | grep -vE 'Size:|Links:|^Inode|EXTENTS|BLOCKS|^\(|TOTAL|^Generation|^$'
	debugfs -R 'stat /initramfs' "$1" 2>/dev/null | grep -oE '(Mode|User|Flags): *[0-9a-fx]+'
	debugfs -R 'ls -lR /6.1' "$1" 2>/dev/null
	debugfs -R 'dump /6.1/kernel/a.ko /dev/stdout' "$1" 2>/dev/null | sha256sum
}
pack gzip <"$T/stock.cpio" >"$T/stock"
for type in ext2 ext3 ext4; do
	new_kernel "$T/stock"
	make_image "$type"
	it prepare k
	is "$status:$err" 0: "modules.img, $type: prepare"
	is "$(inside "$K/modules.img")" "$(sum "$K/initramfs")" "$type: the prepared initramfs is in it"
	ok "$type: e2fsck finds nothing" e2fsck -fn "$K/modules.img"
	is "$(about "$K/modules.img")" "$(about "$T/modules.img")" "$type: nothing else has changed in it"
	is "$(sum "$K/modules.img.stock")" "$(sum "$T/modules.img")" "$type: the original is kept"
	it check k
	is "$status" 0 "$type: check"
	before=$(find "$K" -printf '%p %i %T@ %C@\n' | sort)
	it prepare k
	is "$status:$(find "$K" -printf '%p %i %T@ %C@\n' | sort)" "0:$before" "$type: prepare twice is once"
	made=$(sum "$K/modules.img")
	revert k
	is "$status:$(sum "$K/modules.img"):$(sum "$K/initramfs")" "0:$(sum "$T/modules.img"):$(sum "$T/stock")" "$type: revert gives the original bytes back"
	is "$(find "$K" -name '*.stock' -o -name 'xen-*' -o -name '.?*')" "" "$type: and nothing is left"
	it prepare k
	is "$(sum "$K/modules.img")" "$made" "$type: prepared again it is the same"
done
cp "$T/modules.img" "$K/package" && mv "$K/package" "$K/modules.img"
it check k
is "$status" 3 "a package's new modules.img: check says 3"
it prepare k
is "$status:$(inside "$K/modules.img")" "0:$(sum "$K/initramfs")" "and prepare prepares it"

# An image built anew with the prepared initramfs in it: the kept one is another's then.
new_kernel "$T/stock"
make_image ext3
it prepare k
cp "$K/initramfs" "$T/prepared"
cp "$share/qubes-steps.sh" "$T/steps" && echo "# newer" >>"$share/qubes-steps.sh"
rebuilt() { # the image, with other modules
	rm -rf "$T/new" && mkdir -p "$T/new/6.2/kernel" && head -c 50000 /bin/cat >"$T/new/6.2/kernel/b.ko"
	cp "$T/prepared" "$T/new/initramfs" && rm -f "$K/modules.img"
	mkfs.ext3 -q -F -d "$T/new" "$K/modules.img" 20M >/dev/null 2>&1
}
rebuilt
it prepare k
is "$status:$err:$(inside "$K/modules.img")" "0::$(sum "$K/initramfs")" "an image built anew with an older prepared initramfs: has the new one"
like "$(debugfs -R 'ls /6.2/kernel' "$K/modules.img" 2>&1)" b.ko "and its own modules"
revert k
is "$status:$err:$(inside "$K/modules.img"):$(find "$K" -name "*stock*" | wc -l)" "0::$(sum "$T/stock"):0" "and by revert the original initramfs"
like "$(debugfs -R 'ls /6.2/kernel' "$K/modules.img" 2>&1)" b.ko "and its own modules still"
cp "$T/steps" "$share/qubes-steps.sh"

new_kernel "$T/stock"
truncate -s 4M "$K/modules.img" && mkfs.ext3 -q -F "$K/modules.img"
it prepare k
like "$status:$out" "^0:.*modules.img: has no initramfs, left as it is" "modules.img without an initramfs: one line, and it goes on"
is "$(ls "$K")" "$(printf '%s\n' default-kernelopts-common.txt initramfs initramfs.stock modules.img vmlinuz xen-ephemeral-supported)" "and it has no kept original"
it check k
is "$status" 0 "check says 0"
new_kernel "$T/stock"
head -c 100000 /dev/urandom >"$K/modules.img"
it prepare k
like "$status:$err" "^1:.*: cannot open the filesystem of k/modules.img: " "a modules.img that is none: says so"
is "$([ -e "$K/xen-ephemeral-supported" ] && echo marked)" "" "and there is no marker"

# The flag that keeps a file from being renamed.
new_kernel "$T/stock"
make_image ext3
if chattr +i "$K/initramfs" "$K/modules.img" 2>/dev/null; then
	it prepare k
	is "$status:$err" 0: "immutable files: prepare"
	is "$(lsattr "$K/initramfs" "$K/modules.img" | cut -c 5 | tr -d '\n')" ii "they are immutable again"
	revert k
	is "$status:$(lsattr "$K/initramfs" "$K/modules.img" | cut -c 5 | tr -d '\n'):$(sum "$K/initramfs")" "0:ii:$(sum "$T/stock")" "and after revert too"
	chattr -i "$K"/*
else
	fail_with "no immutable files on the filesystem of $T: set TMPDIR"
fi

# --output
new_kernel "$T/stock"
make_image ext3
before=$(cd "$K" && sha256sum -- * && ls -A)
it prepare k --output k-new
is "$status:$err" 0: "--output: prepare"
is "$(cd "$K" && sha256sum -- * && ls -A)" "$before" "--output: the kernel itself is as before"
is "$(ls -A "$root/k-new")" "$(printf '%s\n' default-kernelopts-common.txt initramfs modules.img vmlinuz xen-ephemeral-supported)" "--output: all files are there"
is "$(inside "$root/k-new/modules.img")" "$(sum "$root/k-new/initramfs")" "--output: its modules.img too"
it check k-new
is "$status" 0 "--output: check"
made=$(cd "$root/k-new" && sha256sum -- *)
it prepare k --output k-new
is "$status:$(cd "$root/k-new" && sha256sum -- *):$(ls -A "$root")" "0:$made:k"$'\n'k-new "--output twice is once"
it prepare k
is "$(sum "$K/initramfs"):$(sum "$K/modules.img")" "$(sum "$root/k-new/initramfs"):$(sum "$root/k-new/modules.img")" "in place it makes the same bytes"
it prepare k --output k-two
is "$status:$(cd "$root/k-two" && sha256sum -- *)" "0:$made" "--output from a prepared kernel: the same"
sed -i 's/^version: .*/version: old/' "$root/k-two/xen-ephemeral-supported"
it check k-two
is "$status" 3 "--output by an older version: check says 3"
it prepare k-two
is "$status:$err:$(cd "$root/k-two" && sha256sum -- *)" "0::$made" "prepare of what --output made: made from its kernel again"
mv "$K" "$root/moved"
it prepare k-two
like "$status:$err" "^1:.*: cannot open kernel k: No such file or directory .*the kernel was made from it by --output" "and without that kernel: says what is missing"
mv "$root/moved" "$K"
sed -i '/^made-from/d' "$root/k-two/xen-ephemeral-supported"
it prepare k-two
like "$status:$err" "^1:.*: cannot prepare k-two/initramfs: it is prepared already, and its original is not there$" "prepare of a prepared one from nowhere: says what is missing"
revert k-two
like "$status:$err" "^1:.*: cannot put back k-two/initramfs.stock: no original is kept" "revert of what --output made: says so"
mkdir "$root/other"
it prepare k --output other
like "$status:$err" "^1:.*: cannot make kernel other: File exists \(and it was not made by --output\)$" "--output over another's folder: refused"

# Mistakes, and what is not understood.
wrong() { # STATUS PATTERN NAME ARGUMENT...
	local want=$1 pattern=$2 name=$3
	shift 3
	it "$@"
	like "$status:$(wc -l <"$T/err"):$err" "^$want:1:xen-ephemeral-initramfs: .*$pattern" "$name"
}
new_kernel "$T/stock"
for name in a/b .. . '' .x; do wrong 2 "cannot use" "the kernel's name '$name'" prepare "$name"; done
wrong 2 "a kernel's name is missing" "no kernel" prepare
wrong 2 "cannot use b: one kernel" "two kernels" prepare a b
wrong 2 "cannot use --frob" "an unknown option" prepare a --frob
wrong 2 "cannot use --output" "an option of another verb" check a --output x
wrong 2 "more than 200 bytes" "a long name" prepare "$(printf %0201d 0)"
wrong 1 "cannot open kernel none: No such file" "no such kernel" prepare none
wrong 1 "cannot open kernel link" "a symbolic link as the kernel" check "$(ln -s k "$root/link" && echo link)"
is "$("$program" 2>&1)" "xen-ephemeral-initramfs: a verb is missing (see xen-ephemeral-initramfs --help)" "no verb"
is "$("$program" --version)" "xen-ephemeral-initramfs $(cat "$top/version")" "--version"
is "$("$program" prepare k --root "$root" --share /nonexistent 2>&1)" "xen-ephemeral-initramfs: prepare: cannot open the folder of our files /nonexistent: No such file or directory" "no files of ours"
fails "its output into a full disk is a failure" bash -c "'$program' --help >/dev/full"

# refused NAME PATTERN: the initramfs in $T/bad; the folder is left as it is.
refused() {
	new_kernel "$T/bad"
	wrong 1 "$2" "$1" prepare k
	is "$(sum "$K/initramfs"):$(ls -A "$K")" "$(sum "$T/bad"):$(printf '%s\n' default-kernelopts-common.txt initramfs vmlinuz)" "$1: nothing has changed"
}
bad() { cat >"$T/bad"; }
: | bad && refused "empty" "cannot understand k/initramfs: it is empty"
for how in gzip xz zstd lz4 none; do
	pack "$how" <"$T/stock.cpio" | head -c -1000 | bad && refused "$how, cut off" "it is (cut off|damaged)"
	{ pack "$how" <"$T/stock.cpio" && echo garbage; } | bad && refused "$how, garbage behind" "a part that is neither|not of it|magic number"
	pack "$how" <"$T/stock.cpio" | python3 -c 'import sys; d = bytearray(sys.stdin.buffer.read()); d[len(d) // 2:len(d) // 2 + 64] = b"\xff" * 64; d[116:120] = b"\xff" * 4; sys.stdout.buffer.write(d)' |
		bad && { [ "$how" = none ] || refused "$how, damaged" "damaged|cut off|magic number|header"; }
	echo hello | pack "$how" | bad && refused "$how, no archive" "neither a cpio|other than a cpio"
done
lz4 -q - - <"$T/stock.cpio" | bad && refused "lz4 frames" "cannot unpack the lz4 frame part of k/initramfs: Linux takes the legacy"
bzip2 -c <"$T/stock.cpio" 2>/dev/null | bad && refused "bzip2" "the bzip2 part of k/initramfs: this compression is not supported"
(cd "$tree" && find . | cpio --quiet -o -H odc) | bad && refused "a cpio archive of the old kind" "of the old kind"
archive "$T/second" | pack gzip | bad && refused "no /init" "it has no /init"
other() { # COMMAND...: in a copy of the tree
	rm -rf "$T/other" && cp -a "$tree" "$T/other" && (cd "$T/other" && "$@") && archive "$T/other" | pack gzip | bad
}
other sh -c 'rm init && mkdir init' && refused "a folder as /init" "neither a file nor a symbolic link"
other sh -c 'rm init && mknod init c 1 3' && refused "a device as /init" "neither a file nor a symbolic link"
other sh -c 'ln init usr/init' && refused "a hard link as /init" "its /init is a hard link"
other sh -c ': >init' && refused "an empty /init" "its /init is empty"
other sh -c 'echo x >init.stock' && refused "another's /init.stock" "an /init.stock already"
other sh -c 'head -c 17M /dev/zero >init' && refused "an absurdly large /init" "absurdly large"
head -c 1025M /dev/zero | gzip -1 | bad && refused "an absurd size" "cannot hold|more than"
bomb() { printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x' 1 33188 0 0 1 0 "$1" 0 0 0 0 "$2" 0; }
{ bomb 0 4097 && head -c 5000 /dev/zero | tr '\0' a && head -c 1000 /dev/zero; } | bad && refused "a huge name" "more than 4096 bytes"
{ bomb 4294967295 5 && printf 'init\0'; } | bad && refused "a huge length" "cut off within an entry"
new_kernel "$T/stock" && rm "$K/initramfs" && ln -s /etc/passwd "$K/initramfs"
wrong 1 "cannot open k/initramfs: .*a symbolic link" "a symbolic link as the initramfs" prepare k
rm "$K/initramfs" && mkfifo "$K/initramfs"
wrong 1 "cannot open k/initramfs: not a regular file" "a FIFO as the initramfs" prepare k

# SIGKILL after each system call: what is there boots, old or new, and a second run ends it.
pack zstd <"$T/stock.cpio" >"$T/stock"
new_kernel "$T/stock"
make_image ext3
cp -a "$K" "$T/fresh"
it prepare k
cp -a "$K" "$T/ready"
reset_to() { rm -rf "$K" && cp -a "$T/$1" "$K"; }
stock_sum=$(sum "$T/fresh/initramfs") done_sum=$(sum "$T/ready/initramfs")
state() { # what is wrong with the folder as it is
	local now image
	now=$(sum "$K/initramfs") image=$(inside "$K/modules.img")
	[ "$now" = "$stock_sum" ] || [ "$now" = "$done_sum" ] || echo "initramfs is neither"
	[ "$image" = "$stock_sum" ] || [ "$image" = "$done_sum" ] || echo "modules.img is neither"
	[ "$now" = "$stock_sum" ] || [ "$(sum "$K/initramfs.stock")" = "$stock_sum" ] || echo "the original is lost"
	[ ! -e "$K/xen-ephemeral-supported" ] || [ "$now$image" = "$done_sum$done_sum" ] || echo "the marker lies"
}
sums() { (cd "$K" && sha256sum -- * && ls -A); }
done_sums=$(sums)
reset_to fresh
fresh_sums=$(sums)
# Bash says it when a signal ends the program; that belongs to the test.
killed() { # CALL ARGUMENT...
	{ "$kill_at" "$1" "$program" "${@:2}" --root "$root" >/dev/null 2>&1; } 2>/dev/null
}
# Outside of the soak every fourth call, another fourth each time.
step=4
[ -z "${SOAK:-}" ] || step=1
each_kill() { # FROM VERB...: in the folder as it is in $T/FROM
	local from=$1 first count n wrong bad=0
	shift
	reset_to "$from"
	"$kill_at" -c "$T/calls" "$program" "$@" --root "$root" >/dev/null
	count=$(wc -l <"$T/calls")
	# Before it has the folder's lock it has touched nothing.
	first=$(grep -n -m 1 '^flock$' "$T/calls" | cut -d: -f1)
	for ((n = first + RANDOM % step; n < count; n += step)); do
		wrong=
		reset_to "$from"
		killed "$n" "$@"
		[ $? = 137 ] || wrong+=" it ended by itself"
		wrong+=$(state)
		it prepare k
		[ "$status:$(sums)" = "0:$done_sums" ] || wrong+=" prepare does not end it: $err $(sums)"
		reset_to "$from"
		killed "$n" "$@"
		revert k
		[ "$status:$(sums)" = "0:$fresh_sums" ] || wrong+=" revert does not end it: $err $(sums)"
		[ -n "$wrong" ] || continue
		bad=$((bad + 1))
		fail_with "$1 killed after call $n, $(sed -n "${n}p" "$T/calls")" "$wrong"
	done
	is "$bad" 0 "$1, killed after one in $step of its calls $first to $((count - 1)): the old or the new, and a second run ends it"
	[ $((count - first)) -gt 30 ] || fail_with "$1: only $((count - first)) calls"
}
each_kill fresh prepare k --share "$share"
each_kill ready revert k

# Help, page and completion know the same.
page=$top/guest/initramfs/xen-ephemeral-initramfs.8
verbs=$("$program" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
is "$(wc -w <<<"$verbs")" 3 "three verbs"
is "$(sort <<<"$verbs")" "$(sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' "$page" | sort -u)" "the page has the same verbs"
is "$(_xen_ephemeral_initramfs_words '' | grep -v '^--' | sort)" "$(sort <<<"$verbs")" "and the completion"
in_page() { # the options in the verb's own synopsis
	awk -v verb="$1" '/^\.Sh/ { s = $2 == "SYNOPSIS"; next } !s { next } /^\.Nm/ { v = ""; next }
		/^\.Cm/ { v = $2; next } v == verb' "$page" | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u
}
for verb in $verbs; do
	options=$("$program" "$verb" --help | head -n 1 | grep -oE -- '--[a-z]+' | sort -u)
	is "$(_xen_ephemeral_initramfs_words "$verb" | grep '^--' | sort)" "$options" "$verb: the completion has the same options as the help"
	is "$(in_page "$verb")" "$options" "$verb: so has the page"
	for option in $options; do ok "the page explains $option" grep -q "^\.It .*Fl -${option#--}" "$page"; done
done
is "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" "the page is clean"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
