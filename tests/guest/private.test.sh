# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What becomes of the private disk: formatted only when it is blank, its partitions found. On images, with
# the real sfdisk and mkfs.ext4; blkid is played, as it differs between the initramfs.
#
# shellcheck disable=SC2317,SC2031 # functions that the step calls
. ./lib.sh

mkdir -p "$T/dev/mapper"
image=$T/dev/mapper/dmhome
says='' knows=2
blkid() {
	[ "$1" = -p ] || { [ -z "$simple" ] || echo "$simple"; return "$plain"; }
	[ -z "$says" ] || echo "$says"
	return "$knows"
}
# A program and not a function: its name is none for a function.
mkfs() { # LINE...: what mkfs.ext4 does
	printf '%s\n' '#!/bin/sh' "$@" >"$T/bin/mkfs.ext4"
	chmod 755 "$T/bin/mkfs.ext4"
}
PATH=$T/bin:$PATH
mkfs "echo formatted >$T/formatted"
dmsetup() {
	case $* in
	*" create "*) echo "$*" | sed "s#$T##g" >>"$T/log" && : >"$T/dev/mapper/$3" && mapping "$3" 9 ;;
	mknodes*) rm "$T/dev/mapper/$2" && node "mapper/$2" ;;
	esac
}

fresh() { # MIB
	no_disks
	mkdir -p "$T/dev/mapper"
	disk xvdb 1 $(($1 * 2048))
	truncate -s "$1M" "$image"
	: >"$T/log"
	rm -f "$T/formatted"
	says='' knows=2 simple='' plain=0
}
private() { # DESCRIPTION formatted|kept [CALLS]
	said=$(ephemeral_private_ready 2>&1)
	is "private: $1: status" 0 $?
	is "private: $1: says nothing" "" "$said"
	is "private: $1: $2" "$2" "$(cat "$T/formatted" 2>/dev/null || echo kept)"
	is "private: $1: what is mapped" "${3:-}" "$(cat "$T/log")"
}

fresh 12
private "blank" formatted
fresh 1
private "blank and smaller than what is looked at" formatted
fresh 12
echo x | dd of="$image" bs=1 seek=10485758 conv=notrunc 2>/dev/null
private "two bytes within the first 10 MiB" kept
fresh 12
says='x: TYPE="ext4"' knows=0
private "zeros, but blkid knows a filesystem" kept
fresh 12
says='x: PTTYPE="gpt"' knows=0
private "zeros, but blkid knows a table" kept
fresh 12
knows=8
private "zeros, and blkid sees more than one thing" kept
fresh 12
knows=127 plain=127
private "no blkid at all" kept
fresh 12
knows=1
private "busybox's blkid, nothing there" formatted
fresh 12
knows=1 simple='x: TYPE="vfat"'
private "busybox's blkid, a filesystem" kept
fresh 6
disk xvdb 1 $((12 * 2048))
private "not readable to where it should be" kept

fresh 12
mkfs 'echo "mkfs: no" >&2' 'exit 1'
is "private: mkfs fails: said" "xen-ephemeral: cannot make a filesystem on dmhome: mkfs: no" \
	"$(ephemeral_private_ready 2>&1)"
is "private: mkfs fails: status" 1 "$(status ephemeral_private_ready)"

table() { # LABEL LINE...
	fresh 12
	says='x: PTUUID="1" PTTYPE="'$1'"' knows=0
	printf '%s\n' "label: $1" | sed 's/^label: mbr$/label: dos/' >"$T/table"
	shift
	printf '%s\n' "$@" >>"$T/table"
	sfdisk -q "$image" <"$T/table"
}
create="--noudevsync create"
table gpt 'start=2048, size=2048' 'start=4096, size=4096, name="a type=5"'
private "GPT" kept "$create dmhome1 --table 0 2048 linear /dev/mapper/dmhome 2048
$create dmhome2 --table 0 4096 linear /dev/mapper/dmhome 4096"
is "private: GPT: numbers" "1 2" "$(ephemeral_private_partitions | tr '\n' ' ' | sed 's/ $//')"
table mbr 'start=2048, size=2048, type=83, bootable' 'start=4096, size=8192, type=5' 'start=6144, size=2048, type=83'
private "MBR without its extended partition" kept "$create dmhome1 --table 0 2048 linear /dev/mapper/dmhome 2048
$create dmhome5 --table 0 2048 linear /dev/mapper/dmhome 6144"
table mbr 'start=2048, size=2048, type=83'
says='x: TYPE="vfat"'
private "a filesystem that looks like a table" kept
fresh 12
sfdisk() { printf '%s\n' 'label: gpt' 'sector-size: 4096' '' '/dev/mapper/dmhome-part1 : start=         256, size=        512, type=0'; }
is "private: sectors of 4096" "1 2048 4096" "$(ephemeral_table_of "$image")"
unset -f sfdisk

no_disks
mkdir -p "$T/dev/mapper"
: >"$T/dev/mapper/dmhome1"
is "private: a plain file is no partition" "" "$(ephemeral_private_partitions)"
is "fstab: partitions" "/dev/mapper/dmhome1 /rw
/dev/mapper/dmhome12 /x
/dev/mapper/dmhome /y
/dev/xvdb2 /z" "$(printf '%s\n' '/dev/xvdb1 /rw' '/dev/xvdb12 /x' '/dev/xvdb /y' '/dev/xvdb2 /z' | ephemeral_fstab_edit 1 12)"
echo end
