#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 2400
# 200 disks attach and detach one after another, 1,000 where SOAK is set: nothing grows.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/lib-xen.sh
vbds=/usr/lib/xen-ephemeral-tests/vbds
cycles=200
[ -z "${SOAK:-}" ] || cycles=1000
volatile="volatile:dir=$PWD,size=64M"
xenstored=$(cat /run/xenstored.pid)

no_workers() { ! ps -eo comm= | grep -qF '(udev-worker)'; }

# slabs: how many objects of each kind the kernel has. What is only cached is given back first, and
# with it what SLUB counts as used because it is set aside for a CPU. udev's processes end by
# themselves when they have nothing to do. vmap_area is left out: the kernel gives stacks of ended
# processes back in large lots (mm/vmalloc.c, lazy_max_pages); vmalloc_kib tells of what they hold.
slabs() {
	local cache
	udevadm settle --timeout=120
	wait_for 30 no_workers
	sync
	sleep 3
	# Once is not enough: an object that was used since is spared the first time, and the kernel's own rounds
	# end while some are left (fs/drop_caches.c, mm/vmscan.c drop_slab()). What leaks outlives any number.
	for _ in 1 2 3 4 5; do echo 3 >/proc/sys/vm/drop_caches; done
	for cache in /sys/kernel/slab/*; do
		[ -L "$cache" ] || echo 1 >"$cache/shrink"
	done
	sed '1,2d; /^vmap_area /d' /proc/slabinfo | tr -s ' ' | cut -d ' ' -f 1,2,5 | sort
}
vmalloc_kib() { sed -n 's/^VmallocUsed:[^0-9]*\([0-9]*\).*/\1/p' /proc/meminfo; }

# grown BEFORE AFTER OBJECTS: the caches that have at least that many objects more, and more than one
# slab holds: of a slab that a CPU works on, all objects count as used.
grown() { join "$1" "$2" | while read -r name old per new _; do
	[ $((new - old)) -lt "$3" ] || [ $((new - old)) -le "$per" ] || echo "$name $old -> $new"
done; }

# What has to be the same, number by number.
counts() {
	echo "keys: $(cat /proc/key-users)"
	echo "keys and keyrings listed: $(wc -l </proc/keys)"
	echo "xenstore nodes: $(xenstore-ls -f / | wc -l)"
	echo "xenstored's open files: $(find "/proc/$xenstored/fd" -type l | wc -l)"
	echo "udev's records: $(find /run/udev/data -type f | wc -l)"
	echo "udev cookies: $(ipcs -s | grep -c '^0x0d4d')"
	echo "loop devices: $(find /dev -name 'loop[0-9]*' | wc -l)"
}
same_counts() { [ "$(counts)" = "$(cat counts)" ]; }

xenstored_kib() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$xenstored/status"; }

# middle: of a list of numbers.
middle() { sort -n | sed -n "$(((${1} + 1) / 2))p"; }

# Whatever is made once and kept, such as /dev/loop0, is there from here on.
ok "20 disks to warm up" "$vbds" cycle 500 20 "$volatile"
before=$(host_state)
slabs >slabs
counts >counts
memory=$(xenstored_kib)
vmalloc=$(vmalloc_kib)
started=$SECONDS
half=$((cycles / 2))
for part in 1 2; do
	ok "$half disks attach and detach ($part)" \
		timeout $((cycles * 5 * ${PATIENCE:-1})) sh -c "$vbds cycle 500 $half '$volatile' >>times"
	slabs >"slabs.$part"
done
diag "$cycles cycles took $((SECONDS - started)) s"
cp slabs.2 slabs.after

# A leak grows by as much in each half. What comes and goes on its own, up to 124 objects of a kind in
# a handful of runs, does not do so twice.
is "$(join -j 1 <(grown slabs slabs.1 $((half * 3 / 4))) <(grown slabs.1 slabs.2 $((half * 3 / 4))))" "" \
	"no slab cache grows with the cycles"
diag "the most that a cache has grown by: $(join slabs slabs.after |
	awk '{ print $4 - $2, $1 }' | sort -rn | head -n 3 | tr '\n' ' ')"
grew=$(($(vmalloc_kib) - vmalloc))
like "$((grew < 2 * cycles))" 1 "less than half a page a cycle more is in use by vmalloc ($grew KiB)"
nothing_left "after $cycles" "$before"
wait_for 20 same_counts
is "$(counts)" "$(cat counts)" "keys, nodes, open files and udev's records are as many as before"
grew=$(($(xenstored_kib) - memory))
like "$((grew < cycles / 4))" 1 "xenstored has grown by less than a quarter KiB a cycle ($grew KiB)"
is "$(grep -c . times)" "$cycles" "each attach was timed"
diag "milliseconds of an attach, the middle one: first fifty $(head -n 50 times | middle 50), last" \
	"fifty $(tail -n 50 times | middle 50)"
[ -z "${SOAK:-}" ] || {
	diag "the first fifty: $(head -n 50 times | tr '\n' ' ')"
	diag "the last fifty: $(tail -n 50 times | tr '\n' ' ')"
}

# The same through xl, with a guest that uses the disk each time.
GUEST_RUN='while sleep 0.2; do [ ! -b /dev/xvdc ] || dd if=/dev/zero of=/dev/xvdc bs=4096 count=1 2>/dev/null; done' \
	guest_config user
ok "a guest without disks starts" guest_start user
ok "it is up" guest_wait_for_text user "guest: up" 120
domid=$(xl domid user)
connected() { [ "$(vbd_node "$domid" $xvdc state)" = 4 ]; }
cycle_by_xl() {
	xl block-attach user "$(disk rw xvdc "$volatile")" && wait_for 30 connected &&
		xl block-detach user xvdc
}
ok "its disk attaches and detaches" cycle_by_xl
nodes=$(xenstore-ls -f / | wc -l)
failures=
for ((round = 0; round < 5; round++)); do
	cycle_by_xl >xl.out 2>&1 || failures+="round $round: $(tail -n 3 xl.out)"$'\n'
done
is "$failures" "" "and 5 times more"
is "$(xenstore-ls -f / | wc -l)" "$nodes" "xenstore has as many nodes as after the first time"
xl destroy user
nothing_left "in the end" "$before"
