#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# HVM guests, with dom0's kernel: root and private read-only, written to through xvdc; and cow disks, which
# QEMU opens as emulated ones too, under an initramfs that knows nothing. Most of their time goes by in
# the firmware, which takes the kernel from QEMU by the byte.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
image_root root.img 64
image_private private.img 32
sums=$(md5sum root.img private.img)
before=$(host_state)

# start NAME DISK...
start() {
	GUEST_TYPE=hvm GUEST_MEMORY=300 GUEST_EXTRA="rw marker=$marker hold=forever" guest_config "$@"
	ok "$1: xl create" guest_start "$1"
	ok "$1: the guest writes its markers" guest_wait_for_text "$1" "GUEST READY $marker" 700
	console=$(guest_console "$1")
	domid=$(xl domid "$1")
	ok "$1: verify: the promise holds" xen-ephemeral verify "$1"
}

# in_store NAME MAPPING: the marker is found through the mapping and in no byte of what is below it.
in_store() {
	local device
	device=$(device_of "$2")
	like "$(count_in "$marker" "$device")" '^[1-9][0-9]{2,}$' "$1: the marker is found through the mapping"
	is "$(count_in "$marker" "$(store_of "$device")")" 0 "$1: and in no byte of the store"
}

# end NAME
end() {
	is "$(md5sum root.img private.img)" "$sums" "$1: both images are unchanged while it runs"
	ok "$1: xl destroy" xl destroy "$1"
	nothing_left "$1" "$before"
	is "$(md5sum root.img private.img)" "$sums" "$1: both images are unchanged"
}

start direct "$(disk ro xvda "$PWD/root.img")" "$(disk ro xvdb "$PWD/private.img")" \
	"$(disk rw xvdc "volatile:dir=$PWD,size=200M")"
like "$console" "GUEST marker / written, /dev/mapper/dmroot rw" "direct: / is dmroot"
like "$console" "GUEST marker /rw written, /dev/mapper/dmhome rw" "direct: /rw is dmhome"
in_store direct "$(mapping_of "$domid" $xvdc)"
end direct

start cow "$(disk rw xvda "cow:origin=$PWD/root.img,dir=$PWD,size=64M")" \
	"$(disk rw xvdb "cow:origin=$PWD/private.img,dir=$PWD,size=32M")"
like "$console" "GUEST marker / written, /dev/xvda rw" "cow: / is its disk, as ever"
like "$console" "GUEST marker /rw written, /dev/xvdb rw" "cow: so is /rw"
for devid in $xvda $xvdb; do
	store=$(dmsetup ls | sed -n "s/^\(xeneph-$domid-$devid-[0-9a-f]*-store@crypt\)\t.*/\1/p")
	snapshot=$(device_of "${store/-store@/-cow@}")
	like "$(count_in "$marker" "$snapshot")" '^[1-9][0-9]{2,}$' "cow: $devid: the marker is found through the snapshot"
	store=$(device_of "$store")
	is "$(count_in "$marker" "$(store_of "$store")")" 0 "cow: $devid: and in no byte of its store"
	like "$(tr '\0' ' ' <"/proc/$(cat "/run/xen/qemu-dm-$domid.pid" 2>/dev/null || pgrep -f "xen-domid $domid ")/cmdline")" \
		"file=$snapshot|filename\":\"$snapshot" "cow: $devid: QEMU has the snapshot as the emulated disk"
done
end cow
