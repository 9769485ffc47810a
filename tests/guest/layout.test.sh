# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The root's partition and xvdc's, with the real sfdisk: on images, and as root on loop devices of
# both sector sizes. Whether the kernel reads partition tables does not matter here; that it finds
# these is tested where guests run.
#
# shellcheck disable=SC2317 # functions that the step calls
. ./lib.sh

M=2048
gpt_image() { # NAME SFDISK-LINE...: a disk image as /dev/NAME with these partitions
	rm -f "$T/dev/$1"
	truncate -s 16M "$T/dev/$1"
	name=$1
	shift
	printf '%s\n' "label: gpt" "$@" | sfdisk -q "$T/dev/$name"
}
root() { # DESCRIPTION STATUS WANTED
	said=$(ephemeral_root_partition 2>&1)
	is "root: $1: status" "$2" $?
	is "root: $1" "$3" "$said"
}

disk xvda 1 $((16 * M))
root "a node that cannot be read as a table" 0 xvda

rm -f "$T/dev/xvda"
truncate -s 16M "$T/dev/xvda"
# The condition asks for a block device, which the image is not.
ephemeral_present() {
	for present; do
		[ -e "$T/sys/class/block/$present" ] || return
	done
}
root "a whole disk" 0 xvda

one='size=1MiB, name="EFI System"' two='size=1MiB, name="BIOS boot partition"'
for n in 1 2 3 4; do disk xvda$n 1 $M; done
gpt_image xvda "$one" "$two" 'size=1MiB, name="Root filesystem"'
root "Qubes' GPT" 0 xvda3
gpt_image xvda "$one" 'size=1MiB, name="Root filesystem"' "$two"
root "by its label" 0 xvda2
gpt_image xvda "$one" "$two" 'size=1MiB, name="Root filesystem 2"' 'size=1MiB, name="Root filesystem"'
root "by its whole label" 0 xvda4
gpt_image xvda "$one" "$two" 'size=1MiB, name="other"'
root "no such label: the third" 0 xvda3
gpt_image xvda 'size=1MiB, name="Root filesystem"' 'size=1MiB, name="Root filesystem"'
root "two such labels: the first" 0 xvda1
printf '%s\n' 'label: dos' 'size=1MiB' | sfdisk -q --wipe always "$T/dev/xvda"
root "an MBR is not looked into" 0 xvda
EPHEMERAL_ROOT=xvda2
root "the caller knows" 0 xvda2
EPHEMERAL_ROOT=

gpt_image xvda "$one" "$two" 'size=1MiB, name="Root filesystem"'
rm -r "$T/sys/class/block/xvda3" "$T/dev/xvda3"
echo '4 disk xvda3 1 2048' >"$T/events"
root "the kernel is still adding the partition" 0 xvda3
is "root: it was waited for" 4 "$(elapsed)"
rm -r "$T/sys/class/block/xvda3"
: >"$T/events"
root "the partition never comes" 1 "xen-ephemeral: cannot find the root partition: no xvda3 on xvda"

# xvdc. mkswap is a note of what it was called for.
mkswap() {
	echo "${1##*/}" >"$T/swap"
}
layout() { # DESCRIPTION STATUS [MESSAGE]
	rm -f "$T/swap"
	said=$(ephemeral_partition xvda 2>&1)
	is "layout: $1: status" "$2" $?
	is "layout: $1: message" "${3:-}" "$said"
}
parts() { # FILE: prints start and size in sectors of each partition
	sfdisk --dump "$1" | sed -n 's/.*start= *\([0-9]*\), size= *\([0-9]*\),.*/\1 \2/p'
}
xvdc() { # MIB: an image of that size
	no_disks
	disk xvda 1 $((64 * M))
	disk xvdb 1 $((32 * M))
	for n in c c1 c2 c3; do disk xvd$n 0 $(($1 * M)); done
	rm -f "$T/dev/xvdc"
	truncate -s "$1M" "$T/dev/xvdc"
}

xvdc 200
layout "200 MiB" 0
is "layout: 200 MiB: partitions" "2048 51200
53248 288768
342016 65536" "$(parts "$T/dev/xvdc")"
is "layout: swap is made on the first" xvdc1 "$(cat "$T/swap")"
is "layout: the types" "S L L" "$(sfdisk --dump "$T/dev/xvdc" | sed -n \
	-e 's/.*type=0657FD6D-A4AB-43C4-84E5-0933C84B4F4F.*/S/p' \
	-e 's/.*type=0FC63DAF-8483-4772-8E79-3D69D8477DE4.*/L/p' | tr '\n' ' ' | sed 's/ $//')"

xvdc 12288
layout "12 GiB" 0
is "layout: 12 GiB: swap is 1 GiB" "2048 2097152" "$(parts "$T/dev/xvdc" | sed 1q)"

xvdc 8
root_small="xen-ephemeral: warning: xvdc2 holds 3 MiB of writes, xvda has 64 MiB: writes fail once it is full"
layout "the least" 0 "$root_small
xen-ephemeral: warning: xvdc3 holds 2 MiB of writes, xvdb has 32 MiB: writes fail once it is full"
is "layout: the least: partitions" "2048 2048
4096 6144
10240 4096" "$(parts "$T/dev/xvdc")"

xvdc 7
layout "too small" 1 "xen-ephemeral: cannot partition xvdc: 7168 KiB is too small, 8 MiB are needed"
is "layout: too small: no table written" "" "$(parts "$T/dev/xvdc" 2>/dev/null)"
ok "layout: too small: no swap either" test ! -e "$T/swap"

xvdc 6291456
layout "6 TiB" 0
is "layout: 6 TiB: where the root's store ends" $((6291456 * M - M - 32 * M)) \
	"$(parts "$T/dev/xvdc" | sed -n '3s/ .*//p')"

xvdc 200
rm "$T/dev/xvdc"
node xvdc
said=$(ephemeral_partition xvda 2>&1)
is "layout: sfdisk fails: status" 1 $?
like "layout: sfdisk fails: one message with its reason" "xen-ephemeral: cannot partition xvdc: *sfdisk: *" "$said"
is "layout: sfdisk fails: one line" 1 "$(echo "$said" | sed -n '$=')"

xvdc 200
rm -r "$T/sys/class/block/xvdc3"
layout "a partition never comes" 1 "xen-ephemeral: cannot use xvdc: partition not found: xvdc3"
is "layout: it was waited for" 30 "$(elapsed)"

xvdc 200
mkswap() {
	echo "mkswap: no" >&2
	return 1
}
layout "mkswap fails" 1 "xen-ephemeral: cannot make swap on xvdc1: mkswap: no"
unset -f mkswap

# On devices, with the real mkswap; xvdc1 is an image, as the kernel may know no partitions.
on_loop() { # SECTOR
	xvdc 200
	loop=$(/sbin/losetup -b "$1" --show -f "$T/dev/xvdc") || return
	rm "$T/dev/xvdc" "$T/dev/xvdc1"
	ln -s "$loop" "$T/dev/xvdc"
	truncate -s 25M "$T/dev/xvdc1"
	layout "on a device with sectors of $1" 0
	is "layout: with sectors of $1: the same places, in MiB" "1 25
26 141
167 32" "$(parts "$loop" | while read -r start size; do
		echo $((start * $1 / 1048576)) $((size * $1 / 1048576))
	done)"
	is "layout: with sectors of $1: swap" SWAPSPACE2 \
		"$(dd if="$T/dev/xvdc1" bs=1 skip=4086 count=10 2>/dev/null)"
	/sbin/losetup -d "$loop"
}
for sector in 512 4096; do
	if [ -w /dev/loop-control ]; then
		on_loop $sector
	else
		echo "ok - layout: on a device with sectors of $sector # SKIP needs root and loop devices"
	fi
done
echo end
