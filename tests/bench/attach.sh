#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group attach: one disk to a domain and away again, from the script's start to its exit, beside what it replaces and
# the floor that nobody can go below (floor.c).
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/bench/lib.sh

volatile="volatile:dir=$PWD,size=100M"

# disk_of NAME: which script, mode, type and params its disk has, in these variables.
disk_of() {
	name=$1 script=block-ephemeral mode=w type=phy
	case $1 in
	volatile-dir) params=$volatile ;;
	volatile-dev) params=volatile:dev=$spare ;;
	cow) params="cow:origin=$PWD/plain.img,dir=$PWD,size=100M" ;;
	read-only) params=$PWD/plain.img mode=r ;;
	floor) script=block-floor params=$volatile ;;
	floor-held) script=block-floor-held params=$volatile ;;
	# Held, as the read-only attach is: a loop device that goes with its last user.
	floor-read-only) script=block-floor-held params=$PWD/plain.img mode=r ;;
	block-file) script=block params=$PWD/plain.img type=file ;;
	block-phy) script=block params=$spare ;;
	cryptsetup) script=$qubes_script params=/dev/mapper/bench ;;
	esac
}

disk_make() { # DOMID
	hotplug=/etc/xen/scripts/$script
	vbd_make "$1" $xvdc $mode "$params"
	[ $type = phy ] || xenstore-write "backend/vbd/$1/$xvdc/type" $type
	calm
}

# The way of Qubes for a volatile volume: a mapping with cryptsetup's defaults, 64 KiB of zeros, a block script. On a
# device that is there already, so that the making of a loop device is not counted.
cryptsetup_map() {
	cryptsetup open --type plain --key-file /dev/urandom --cipher aes-xts-plain64 --batch-mode "$spare" bench
}

cryptsetup_add() { # DOMID
	cryptsetup_map && dd if=/dev/zero of=/dev/mapper/bench bs=64K count=1 oflag=direct && script "$script" add "$1" $xvdc
}

cryptsetup_remove() { script "$script" remove "$1" $xvdc && cryptsetup close bench; }

disk_add() { if [ "$name" = cryptsetup ]; then cryptsetup_add "$1"; else script "$script" add "$1" $xvdc; fi; }
disk_remove() { if [ "$name" = cryptsetup ]; then cryptsetup_remove "$1"; else script "$script" remove "$1" $xvdc; fi; }

# The floor does not take away what it made.
floor_end() {
	[ "$name" != floor ] && [ "$name" != floor-held ] || dmsetup remove --retry "floor-$1-$xvdc"
}

# attach NAME: both ways, timed.
attach() {
	disk_of "$1"
	disk_make 20
	timed "$1" disk_add 20
	vbd_unplug 20 $xvdc
	case $1 in floor*) floor_end 20 ;; *) timed "$1-detach" disk_remove 20 ;; esac
	vbd_forget 20
}

# counted NAME WHAT COMMAND...: the attach once more, by `COMMAND... SCRIPT add`, for which it has its variables.
counted() {
	local count=$2
	disk_of "$1"
	shift 2
	disk_make 21
	value=$(XENBUS_TYPE=vbd XENBUS_BASE_PATH=backend XENBUS_PATH=backend/vbd/21/$xvdc \
		"$@" "/etc/xen/scripts/$script" add) || give_up "$name: $count: $value"
	sample "$name" "$count" "$value"
	vbd_unplug 21 $xvdc
	case $name in floor*) floor_end 21 ;; *) script "$script" remove 21 $xvdc >output 2>&1 ;; esac
	vbd_forget 21
}

# count_calls COMMAND...: of the command and its children; a call that another one interrupted is two lines.
count_calls() {
	strace -f -o calls "$@" >output 2>&1 && grep -cvE '\+\+\+|---|<\.\.\. ' calls
}

count_memory() { # over /bin/true
	local all
	all=$("$programs/peak" "$@") && echo $((all - $("$programs/peak" /bin/true)))
}

# Of the programs after the shell: valgrind tells nothing of what a process did before it became another program.
count_instructions() {
	rm -f callgrind.*
	valgrind --quiet --tool=callgrind --trace-children=yes --callgrind-out-file=callgrind.%p "$@" >output 2>&1 &&
		awk '/^summary:|^totals:/ { n[FILENAME] = $2 } END { for (f in n) all += n[f]; print all; exit !all }' callgrind.*
}

# What is the same each time but for a wait that takes a look more is taken three times, what takes long once.
count() {
	local name
	for name in volatile-dir read-only floor floor-read-only; do counted $name calls count_calls; done
	for name in volatile-dir read-only cow floor; do counted $name KiB count_memory; done
}

count_once() {
	local name
	for name in volatile-dir read-only floor floor-read-only; do counted $name instructions count_instructions; done
	counted block-file calls count_calls
}

truncate -s 100M plain.img spare.img
spare=$(losetup -f --show spare.img)
qubes_script=block
[ ! -e /etc/xen/scripts/qubes-block ] || qubes_script=qubes-block
machine "script after cryptsetup open:" "$qubes_script"
names=(volatile-dir block-file floor cryptsetup read-only floor-read-only volatile-dev cow block-phy floor-held)
for ((round = 0; round <= rounds; round++)); do
	timed true /bin/true
	for name in "${names[@]}"; do attach "$name"; done
	timed cryptsetup-open cryptsetup_map
	timed cryptsetup-open-detach cryptsetup close bench
	progress "round $round of $rounds ($SECONDS s)"
done
for ((round = 1; round <= 3; round++)); do
	count
	progress "counts $round of 3 ($SECONDS s)"
done
count_once
progress "instructions ($SECONDS s)"
losetup -d "$spare"
