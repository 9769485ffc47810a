#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group erase: `xen-ephemeral wipe --all` with 100 disks there and with one. All of them are in use, so that each loses its
# key while something has it open.
. /tests/lib.sh
. /tests/bench/lib.sh

wiped() { # COUNT
	hold "$1" 1000
	timed "wipe-$1" xen-ephemeral wipe --all
	[ "$(dmsetup table --target error | grep -c '^xeneph-')" = "$1" ] || give_up "not all of $1 disks were wiped"
	release
}

for ((round = 0; round <= rounds; round++)); do
	wiped 1
	# What is read for the first time is read for one disk too.
	[ "$round" = 0 ] || wiped 100
	progress "round $round of $rounds ($SECONDS s)"
done
