#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# Disks in parallel and one after another.
. /tests/lib.sh
. /tests/lib-disks.sh

truncate -s 16M a.img b.img
before=$(host_state)

vbd_make 30 $xvda r "$PWD/a.img"
vbd_make 30 $xvdb r "$PWD/b.img"
vbd_make 30 $xvdc w "volatile:dir=$PWD,size=64M"
pids=() results=''
for vdev in $xvda $xvdb $xvdc; do
	vbd_run add 30 $vdev &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid"
	results+=$?
done
is "$results" 000 "three disks of a domain attach in parallel"
is "$(for vdev in $xvda $xvdb $xvdc; do vbd_node 30 $vdev physical-device; done | sort -u | wc -l)" 3 \
	"each with a device of its own"
for vdev in $xvda $xvdb $xvdc; do vbd_drop 30 $vdev; done
nothing_left "after three in parallel" "$before"

store=$(xenstore-ls -f / | wc -l)
failures=0
for ((round = 0; round < 50; round++)); do
	vbd_make 31 $xvdc w "volatile:dir=$PWD,size=64M"
	vbd_run add 31 $xvdc || failures=$((failures + 1))
	vbd_drop 31 $xvdc
	vbd_run remove 31 $xvdc || failures=$((failures + 1))
done
is "$failures" 0 "50 disks attach and detach one after another"
nothing_left "after 50" "$before"
xenstore-rm /local/domain/31 /local/domain/0/backend/vbd/31
is "$(xenstore-ls -f / | wc -l)" "$store" "xenstore has as many nodes as before"
is "$(ipcs -s | grep -c '^0x0d4d')" 0 "no udev cookie is left"
