# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# prepare, check and revert: initramfs of every compression, modules.img, --output.

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

for how in gzip xz zstd lz4 none; do
	prepared "$how" no "$how"
	prepared "early microcode, then $how" yes "$how"
done

# Two gzip members, which libxc would take for one.
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

# modules.img.
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
