#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group erase: `xen-ephemeral wipe --all` with 100 devices there and with one. All of them are disks that blkback has open,
# so that each loses its key while it is in use.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/bench/lib.sh

vbds=$programs/vbds

wiped() { # COUNT
	"$vbds" make 1000 "$1" "volatile:dir=$PWD,size=16M" && "$vbds" add 1000 "$1" >output || give_up "$1 disks"
	calm
	timed "wipe-$1" xen-ephemeral wipe --all
	[ "$(dmsetup table --target error | grep -c '^xeneph-')" = "$1" ] || give_up "not all of $1 disks were wiped"
	"$vbds" drop 1000 "$1" && "$vbds" remove 1000 "$1" || give_up "$1 disks do not go"
	calm
}

for ((round = 0; round <= rounds; round++)); do
	wiped 1
	# What is read for the first time is read for one disk too.
	[ "$round" = 0 ] || wiped 100
	progress "round $round of $rounds ($SECONDS s)"
done
