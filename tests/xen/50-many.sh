#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# Disks in parallel: three of one domain, and one each of 64 domains.
. /tests/lib.sh
. /tests/lib-disks.sh
vbds=/usr/lib/xen-ephemeral-tests/vbds

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
xenstore-rm /local/domain/30 /local/domain/0/backend/vbd/30
store=$(xenstore-ls -f / | wc -l)

# Of one domain: three are as many as it has. Of a host: as many as are started at once.
ok "64 disks of 64 domains" "$vbds" make 1000 64 "volatile:dir=$PWD,size=16M"
add_64() { VBDS_PRELOAD=/usr/lib/xen-ephemeral-tests/slow-clock.so "$vbds" add 1000 64 >attach-times; }
ok "attach at the same time" add_64
diag "the quickest attach took $(sort -n attach-times | head -n 1) ms, the slowest $(sort -n attach-times | tail -n 1) ms"
devices=$(cat /sys/bus/xen-backend/devices/vbd-1*/physical_device | sort -u | wc -l)
is "$devices" 64 "blkback has 64 devices open"
is "$(dmsetup ls --target crypt | grep -c '^xeneph-10[0-6][0-9]-')" 64 "they are 64 mappings"
is "$(dmsetup info -c --noheadings -o attr | grep -c '^L--w')" 64 "all of them live"
is "$(dmsetup info | grep -c 'DEFERRED REMOVE')" 64 "all of them armed"
is "$(dmsetup deps | sed 's/.*: //' | sort -u | wc -l)" 64 "each over a store of its own"
keyless "no key is in a keyring"
ok "all of them go" "$vbds" drop 1000 64
ok "and are removed at the same time" "$vbds" remove 1000 64
nothing_left "after 64 in parallel" "$before"
is "$(xenstore-ls -f / | wc -l)" "$store" "xenstore has as many nodes as before"
is "$(ipcs -s | grep -c '^0x0d4d')" 0 "no udev cookie is left"
