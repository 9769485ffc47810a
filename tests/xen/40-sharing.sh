#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# Who may share what: origins by any number of readers, a store by nobody, a volume by a guest and
# its stubdomain.
. /tests/lib.sh
. /tests/lib-disks.sh

truncate -s 16M origin.img store.img disk.img
mkfs.ext4 -q -F disk.img
disk=$(losetup -f --show disk.img)
before=$(host_state)
attach() { vbd_make "$1" $xvdc "$2" "$3" && vbd_run add "$1" $xvdc; } # DOMID MODE PARAMS
# refused NAME WANTED DOMID MODE PARAMS
refused() {
	fails "$1: refused" attach "$3" "$4" "$5"
	like "$(vbd_node "$3" $xvdc hotplug-error)" "$2" "$1: says why"
	vbd_drop "$3" $xvdc
}

ok "a file as origin of one domain" attach 60 r "$PWD/origin.img"
ok "and of a second" attach 61 r "$PWD/origin.img"
refused "the same file as a store" "cannot use store: .*something else has it open" \
	62 w "volatile:dev=$PWD/origin.img"
vbd_drop 60 $xvdc
vbd_drop 61 $xvdc

ok "a file as a store" attach 60 w "volatile:dev=$PWD/store.img"
refused "the store for a second domain" "cannot use store: .*something else has it open" \
	61 w "volatile:dev=$PWD/store.img"
refused "the store as an origin" "cannot use origin: .*open for writing" 61 r "$PWD/store.img"
vbd_drop 60 $xvdc
# blkback closes its device after it has let go of the disk, and the mapping goes after that.
wait_for 20 unused store.img
ok "the store once it is free" attach 61 w "volatile:dev=$PWD/store.img"
vbd_drop 61 $xvdc

ok "a block device as origin of one domain" attach 60 r "$disk"
ok "and of a second" attach 61 r "$disk"
refused "the same device as a store" "cannot open store: .*attached to a domain" \
	62 w "volatile:dev=$disk"
vbd_drop 60 $xvdc
vbd_drop 61 $xvdc
ok "a block device as a store" attach 60 w "volatile:dev=$disk"
refused "that store for a second domain" "cannot open store: .*held by another device" \
	61 w "volatile:dev=$disk"
refused "that store as an origin" "cannot use origin: .*a writable device stands on it" 61 r "$disk"
vbd_drop 60 $xvdc
wait_for 20 unused "$disk"
mkfs.ext4 -q -F "$disk"
mkdir /run/mnt

mount "$disk" /run/mnt
refused "an origin mounted writable" "cannot use origin: .*mounted writable" 60 r "$disk"
refused "a store that is mounted" "cannot open store: .*held by another device, a mount" \
	60 w "volatile:dev=$disk"
mount -o remount,ro /run/mnt
ok "an origin mounted read-only" attach 60 r "$disk"
vbd_drop 60 $xvdc
umount /run/mnt

# Another domain has it writable: by a disk that another script attached.
vbd_make 70 $xvda w "$disk"
xenstore-write "$(vbd_path 70 $xvda)/physical-device" "$(stat -c '%t:%T' "$disk")"
opened() { [ -e "/sys/bus/xen-backend/devices/vbd-70-$xvda/mode" ]; }
ok "another script attaches the device writable" wait_for 10 opened
refused "the device as an origin" "cannot use origin: .*attached writable to another domain" \
	60 r "$disk"
refused "the device as a store" "cannot open store: .*attached to a domain" \
	60 w "volatile:dev=$disk"
vbd_drop 70 $xvda

# A disk that a domain writes to is not to be had by its partition either.
truncate -s 16M parts.img
echo 'start=1MiB, size=8MiB, type=L' | sfdisk -q parts.img
parts=$(losetup -P -f --show parts.img)
# udev has the kernel read the table anew when a disk that was open for writing is closed.
udevadm settle --timeout=120
ok "a disk has a partition" wait_for 10 test -b "${parts}p1"
vbd_make 70 $xvda w "$parts"
xenstore-write "$(vbd_path 70 $xvda)/physical-device" "$(stat -c '%t:%T' "$parts")"
ok "another script attaches the disk writable" wait_for 10 opened
refused "its partition as an origin" "cannot use origin: .*attached writable to another domain" \
	60 r "${parts}p1"
refused "its partition as a store" "cannot open store: .*attached to a domain" \
	60 w "volatile:dev=${parts}p1"
vbd_drop 70 $xvda
ok "the partition once the disk is free" attach 60 w "volatile:dev=${parts}p1"
vbd_drop 60 $xvdc
losetup -d "$parts"

ln -s "$disk" /dev/by-another-name
ok "a symlink below /dev is followed" attach 60 r /dev/by-another-name
vbd_drop 60 $xvdc
rm /dev/by-another-name
dmsetup create stale --table "0 32768 linear $disk 0"
ln -sf "$(readlink -f /dev/mapper/stale)" /dev/mapper/wanted
refused "a mapper name that is another device" "cannot use origin: the mapping there has another name" \
	60 r /dev/mapper/wanted
ok "the right mapper name" attach 60 r /dev/mapper/stale
vbd_drop 60 $xvdc
rm /dev/mapper/wanted
remove_device stale
nothing_left "after all that" "$before"

# A stubdomain has a node that names the domain it serves.
volatile="volatile:dir=$PWD,size=16M"
xenstore-write /local/domain/81/target 80
refused "a stubdomain before its guest" "cannot read the disk of domain 80|it has none" \
	81 w "$volatile"
ok "the guest's disk" attach 80 w "$volatile"
refused "a stubdomain's disk with another target" "cannot share the disk of domain 80" \
	81 w "volatile:dir=$PWD,size=17M"
ok "the stubdomain's second add" attach 81 w "$volatile"
is "$(vbd_node 81 $xvdc physical-device)" "$(vbd_node 80 $xvdc physical-device)" \
	"it is the same device"
is "$(dmsetup info -c --noheadings -o open "$(mapping_of 80 $xvdc)")" 2 "which both have open"
name=$(mapping_of 80 $xvdc)
vbd_drop 81 $xvdc
ok "remove for the stubdomain" vbd_run remove 81 $xvdc
is "$(mapping_of 80 $xvdc)" "$name" "the guest keeps its disk"
unlike "$(dmsetup table "$name")" error "with its key"
ok "the stubdomain attaches once more" attach 81 w "$volatile"
vbd_drop 80 $xvdc
ok "remove for the guest" vbd_run remove 80 $xvdc
is "$(mapping_of 80 $xvdc)" "$name" "the stubdomain keeps the disk"
vbd_drop 81 $xvdc
ok "remove for the last of the two" vbd_run remove 81 $xvdc
xenstore-rm /local/domain/81
nothing_left "after the last of the two" "$before"
losetup -d "$disk"
