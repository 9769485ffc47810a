#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# A guest that knows nothing of all this, with cow disks as root and private: it writes to both, and what
# it wrote is in no byte of stores and images. Two guests share one origin; one overflows.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

# part_of DOMID DEVID PART: the mapping of a cow disk that is the PART, cow or store.
part_of() { dmsetup ls | sed -n "s/^\(xeneph-$1-$2-[0-9a-f]*-$3@crypt\)\t.*/\1/p"; }

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
image_root root.img 64
image_private private.img 32
sums=$(md5sum root.img private.img)
before=$(host_state)
GUEST_MEMORY=220 GUEST_EXTRA="rw marker=$marker hold=forever" guest_config disp \
	"$(disk rw xvda "cow:origin=$PWD/root.img,dir=$PWD,size=64M")" \
	"$(disk rw xvdb "cow:origin=$PWD/private.img,dir=$PWD,size=32M")"
ok "xl create" guest_start disp
ok "the guest writes its markers" guest_wait_for_text disp "GUEST READY $marker" 200
domid=$(xl domid disp)
console=$(guest_console disp)
like "$console" "GUEST marker / written, /dev/xvda rw" "to its own root, as it is"
like "$console" "GUEST marker /rw written, /dev/xvdb rw" "and to its own private disk"
sync
for vdev in $xvda $xvdb; do
	snapshot=$(part_of "$domid" "$vdev" cow) store=$(part_of "$domid" "$vdev" store)
	found=$(count_in "$marker" "$(device_of "$snapshot")")
	like "$found" '^[1-9][0-9]{2,}$' "$vdev: the marker is found through the snapshot ($found times)"
	is "$(count_in "$marker" "$(store_of "$(device_of "$store")")")" 0 "$vdev: and in no byte of the store"
	like "$(dmsetup table --showkeys "$store")" "crypt aes-xts-plain64 :64:logon:xeneph:$store 0 " "$vdev: the table shows no key"
	for part in "$snapshot" "$store"; do
		like "$(dmsetup info "$part")" "ACTIVE \(DEFERRED REMOVE\)" "$vdev: armed: ${part##*-}"
		is "$(dmsetup info -c --noheadings -o open "$part")" 1 "$vdev: one opener: ${part##*-}"
	done
	is "$(vbd_node "$domid" "$vdev" physical-device-path)" "$(device_of "$snapshot")" "$vdev: QEMU is told the snapshot"
	is "$(cat "/sys/bus/xen-backend/devices/vbd-$domid-$vdev/mode")" w "$vdev: writable in blkback"
done
is "$(count_in "$marker" root.img)$(count_in "$marker" private.img)" 00 "nor of the images"
is "$(md5sum root.img private.img)" "$sums" "which are unchanged while it runs"
keyless "no key is in a keyring"

run xen-ephemeral verify disp
is "$status" 0 "verify: the promise holds"
is "$(grep -c ^BROKEN <<<"$out")" 0 "verify: no line is broken"
like "$out" "ok +xvda +it is the domain's own encrypted device: xeneph-$domid-$xvda-[0-9a-f]{16}-cow@crypt" "verify: the snapshot"
like "$out" "ok +xvda +its table is a snapshot's, or lets nothing through: not persistent" "verify: its table"
like "$out" "ok +xvda +its changes go to an encrypted device of its own: xeneph-$domid-$xvda-[0-9a-f]{16}-store@crypt, open 1" "verify: its store"
like "$out" "ok +xvda +its table is AES-256-XTS with a key of 64 bytes" "verify: the cipher"
like "$out" "ok +xvda +its origin's loop device takes no writes: 1" "verify: the origin"
is "$(grep -c "ok .*xvda .*it goes with its last user: deferred remove" <<<"$out")" 2 "verify: both are armed"
# Each of these breaks it, and for one reason.
broken() { # NAME PATTERN
	run xen-ephemeral verify disp
	is "$status $(grep -c ^BROKEN <<<"$out")" "1 1" "$1: verify fails for one reason"
	like "$(grep ^BROKEN <<<"$out")" "$2" "$1: it says which"
}
exec 7<"$(device_of "$(part_of "$domid" $xvda cow)")"
broken "a program that has the disk open" "BROKEN +xvda +only this domain has it open: open 2, disks of the domain 1"
exec 7<&-
exec 7<"$(device_of "$(part_of "$domid" $xvda store)")"
broken "a program that has the store open" "BROKEN +xvda +its changes go to an encrypted device of its own: .*, open 2"
exec 7<&-
for part in cow store; do
	dmsetup message "$(part_of "$domid" $xvda $part)" 0 @cancel_deferred_remove
	broken "disarmed, $part" "BROKEN +xvda +it goes with its last user: not armed"
	dmsetup remove --deferred "$(part_of "$domid" $xvda $part)"
done

run xen-ephemeral status disp
is "$status" 0 "status: nothing is left over"
like "$out" $'\n'"\|- xvda  cow       64 MiB, [0-9.]+ [KM]iB written, encrypted, armed, open 1, [0-9]+ (s|min), [0-9.]+ [KM]iB of 64 MiB used, origin $PWD/root.img, unnamed file in $PWD"$'\n' \
	"status: how full it is, its origin and its store"
run xen-ephemeral status --json disp
like "$out" "\"role\": ?\"cow\"" "JSON: the role"
like "$out" "\"used\": ?[1-9][0-9]+" "JSON: how full it is"
like "$out" "\"store_size\": ?67108864" "JSON: of how much"
like "$out" "\"overflowed\": ?false" "JSON: it has not overflowed"
run xen-ephemeral sweep
is "$status:$out" "0:" "sweep leaves a living domain's disks, and what is below them"
run xl destroy disp
nothing_left "after xl destroy" "$before"
is "$(md5sum root.img private.img)" "$sums" "both images are unchanged"

# Two guests with the same origins, one of which writes more than its store takes.
GUEST_MEMORY=220 GUEST_EXTRA="rw marker=$marker hold=forever fill=/rw" guest_config small \
	"$(disk rw xvda "cow:origin=$PWD/root.img,dir=$PWD,size=32M")" \
	"$(disk rw xvdb "cow:origin=$PWD/private.img,dir=$PWD,size=8M")"
GUEST_MEMORY=220 GUEST_EXTRA="rw marker=$marker hold=forever fill=/rw" guest_config large \
	"$(disk rw xvda "cow:origin=$PWD/root.img,dir=$PWD,size=32M")" \
	"$(disk rw xvdb "cow:origin=$PWD/private.img,dir=$PWD,size=48M")"
ok "a guest with a small store starts" guest_start small
ok "it fills its private disk and goes on" guest_wait_for_text small "GUEST READY" 200
like "$(guest_console small)" "GUEST fill /rw [0-9]+ KiB: .*(I/O error|Input/output error|Read-only)" "with an I/O error at the end"
run xen-ephemeral status small
like "$out" "xvdb  cow .*OVERFLOWED: every request fails" "status says so"
run xen-ephemeral status --json small
like "$out" "\"overflowed\": ?true" "in JSON too"
ok "a guest with the same origins and a large store starts" guest_start large
ok "it fills its private disk" guest_wait_for_text large "GUEST READY" 200
like "$(guest_console large)" "GUEST fill /rw [0-9]+ KiB: .*No space left" "up to the end of its filesystem"
run xen-ephemeral verify --all
is "$status" 0 "the promise holds for both"

# The panic button, in use; and what is left of a domain that is gone.
run xen-ephemeral wipe large
is "$status" 0 "wipe with the disks in use"
is "$(grep -c "^wiped" <<<"$out")" 4 "wipe: of two disks two devices each"
# A device with a key goes with the snapshot's table, its last user, and the kernel does that by a work item.
domid=$(xl domid large)
no_stores() { ! dmsetup ls | grep -q "^xeneph-$1-.*-store"; }
ok "wipe: the keys are gone" wait_for 20 no_stores "$domid"
run xen-ephemeral verify large
is "$status" 0 "what was wiped is as good as encrypted"
xl destroy large
xl destroy small
nothing_left "after both" "$before"
vbd_make 33 $xvda w "cow:origin=$PWD/root.img,dir=$PWD,size=16M"
ok "a disk of a domain that never was" vbd_run add 33 $xvda
run xen-ephemeral sweep
is "$status" 3 "sweep cannot remove what is in use"
like "$out" "xvda of domain 33: wiped: it goes when" "but its key is gone"
ok "with the device that had it" wait_for 20 no_stores 33
vbd_drop 33 $xvda
nothing_left "once it is let go" "$before"
is "$(md5sum root.img private.img)" "$sums" "both images are unchanged"
