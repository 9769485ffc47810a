#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group scaling: the encrypted attach with 0, 16, 64 and 256 other ephemeral disks there, and 64 at once. The numbers of
# disks are gone through upwards and downwards, half of the rounds each way, so that what the host does slower or quicker
# as time passes is in all of them alike. The others are in use, and as many vbds are in xenstore and in blkback's folder.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/bench/lib.sh

vbds=$programs/vbds
volatile="volatile:dir=$PWD,size=16M"

others() { # COUNT
	[ "$1" = 0 ] || hold "$1" 1000
	[ "$1" = 0 ] || "$vbds" make 1000 "$1" "$volatile" || give_up "$1 vbds"
}

others_end() { # COUNT
	[ "$1" = 0 ] || release
	[ "$1" = 0 ] || "$vbds" drop 1000 "$1" || give_up "dropping $1 vbds"
}

attach_beside() { # COUNT
	vbd_make 20 $xvdc w "$volatile"
	calm
	timed "others-$1" script block-ephemeral add 20 $xvdc
	timed "true-others-$1" /bin/true
	vbd_unplug 20 $xvdc
	timed "others-$1-detach" script block-ephemeral remove 20 $xvdc
	vbd_forget 20
}

# level COUNT ROUNDS
level() {
	others "$1"
	for ((round = 0; round <= $2; round++)); do attach_beside "$1"; done
	others_end "$1"
	progress "$2 rounds with $1 others ($SECONDS s)"
}

# On one emulated processor 64 take longer than the backend's deadline: its clock goes slower than ours.
many() {
	"$vbds" make 2000 64 "$volatile" || give_up "64 vbds"
	calm
	VBDS_PRELOAD=$programs/slow-clock.so timed at-once-64 "$vbds" add 2000 64
	"$vbds" drop 2000 64 || give_up "dropping 64 vbds"
	VBDS_PRELOAD=$programs/slow-clock.so timed at-once-64-detach "$vbds" remove 2000 64
	calm
}

half=$((rounds / 2))
for count in 0 16 64; do level $count $((rounds - half)); done
level 256 "$rounds"
for count in 64 16 0; do level $count "$half"; done
for ((round = 1; round <= (rounds < 3 ? rounds : 3); round++)); do many; done
progress "64 at once ($SECONDS s)"
