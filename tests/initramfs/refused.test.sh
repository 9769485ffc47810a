# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Mistakes, and what is not understood.

pack gzip <"$T/stock.cpio" >"$T/stock"
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
