#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 500
# A domid that comes again, while somebody in dom0 still has the old domain's device open: the new
# domain gets a key and a device of its own, over the same store.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh
domid=77

truncate -s 16M disk.img
disk=$(losetup -f --show disk.img)
before=$(host_state)

# hold MAPPING: somebody in dom0 opens its device, until let_go.
hold() {
	sleep 1000 3<"$(device_of "$1")" &
	holder=$!
	opened_twice() { [ "$(dmsetup info -c --noheadings -o open "$1")" = 2 ]; }
	wait_for 10 opened_twice "$1"
}
let_go() { kill "$holder" && wait "$holder" 2>/dev/null; }

# start NAME: with that domid. Xen takes a wish for one, and libxl keeps a used one back for a minute.
start() {
	CHOSEN_DOMID=$domid LIBXL_DOMID_REUSE_TIMEOUT=0 \
		LD_PRELOAD=/usr/lib/xen-ephemeral-tests/chosen-domid.so guest_start "$1"
}

GUEST_RUN='yes MARKER | dd of=/dev/xvdc bs=1M iflag=fullblock count=16 oflag=direct
echo "FOUND $(grep -c MARKER /dev/xvdc)"; sleep 1000' \
	guest_config first "$(disk rw xvdc "volatile:dev=$disk")"
ok "a domain starts" start first
ok "it writes to its whole disk" guest_wait_for_text first "FOUND 2" 200
is "$(xl domid first)" $domid "it has the domid that was chosen"
old=$(mapping_of $domid $xvdc)
hold "$old"
ok "xl destroy" xl destroy first
is "$(mapping_of $domid $xvdc)" "$old" "somebody in dom0 keeps its device"
like "$(dmsetup table "$old")" "^0 32768 error *\$" "in which there is no key any more"
# Xen keeps the number until everybody in dom0 has let go of the domain's memory.
domain_gone() { ! xl list | grep -q "^[^ ]* *$domid "; }
ok "the domain is gone from Xen" wait_for 20 domain_gone

GUEST_RUN='echo "FOUND $(grep -c MARKER /dev/xvdc)"
echo "HEAD $(head -c 65536 /dev/xvdc | tr -d "\0" | wc -c)"
echo OWN | dd of=/dev/xvdc bs=4096 conv=sync oflag=direct; while sleep 1; do
dd if=/dev/xvdc bs=4096 count=1 iflag=direct 2>/dev/null | grep -q OWN && echo STILL || echo LOST; done' \
	guest_config second "$(disk rw xvdc "volatile:dev=$disk")"
ok "another domain starts" start second
ok "it looks at its disk, over the same store" guest_wait_for_text second STILL 200
is "$(xl domid second)" $domid "it has the same domid"
like "$(guest_console second)" "FOUND 0" "it finds nothing of what the first wrote"
like "$(guest_console second)" "HEAD 0" "its disk begins with zeros"
new=$(mapping_of $domid $xvdc | grep -vFx "$old")
like "$new" "^xeneph-77-51744-[0-9a-f]+@crypt\$" "it has one mapping of its own"
opened=/sys/bus/xen-backend/devices/vbd-$domid-$xvdc/physical_device
is "$(cat "$opened")" "$(stat -c %t:%T "$(device_of "$new")")" "which is what blkback has open"
like "$(dmsetup table --showkeys "$new")" ":64:logon:xeneph:$new " "under a key of its own"

let_go
ok "the old device goes when it is let go" wait_for 20 mapping_gone "$old"
is "$(mapping_of $domid $xvdc)" "$new" "the new one stays"
like "$(dmsetup table "$new")" " crypt " "with its key"
still=$(guest_console second | grep -c STILL)
still_more() { [ "$(guest_console second | grep -c STILL)" -gt $((still + 1)) ]; }
ok "and the domain goes on" wait_for 60 still_more
unlike "$(guest_console second)" LOST "without losing anything"
ok "xl destroy of the second" xl destroy second
nothing_left "after the second" "$before"

# The toolstack was killed, so nothing ran `remove`, and the device is held: its key lives on.
attach() { vbd_make 78 $xvdc w "volatile:dir=$PWD,size=16M" && vbd_run add 78 $xvdc; }
ok "a disk" attach
old=$(mapping_of 78 $xvdc)
hold "$old"
vbd_drop 78 $xvdc
like "$(dmsetup table "$old")" " crypt " "its device is held and has its key"
ok "a disk of the same domid and the same number" attach
new=$(mapping_of 78 $xvdc | grep -vFx "$old")
is "$(cat "/sys/bus/xen-backend/devices/vbd-78-$xvdc/physical_device")" \
	"$(stat -c %t:%T "$(device_of "$new")")" "has a device of its own"

# A stubdomain looks for its guest's disk by the domid: rather none than the wrong one.
xenstore-write /local/domain/79/target 78
vbd_make 79 $xvdc w "volatile:dir=$PWD,size=16M"
fails "a stubdomain of the new domain gets none of the two" vbd_run add 79 $xvdc
like "$(vbd_node 79 $xvdc hotplug-error)" "it has more than one" "and why"
vbd_drop 79 $xvdc
xenstore-rm /local/domain/79

vbd_drop 78 $xvdc
ok "remove" vbd_run remove 78 $xvdc
is "$(mapping_of 78 $xvdc)" "$old" "the new device is gone, the old one is still held"
like "$(dmsetup table "$old")" "^0 32768 error *\$" "and now has no key any more"
let_go
nothing_left "in the end" "$before"
losetup -d "$disk"
