# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# A stubdomain attaches its guest's disks a second time (libxl_dm.c); a volatile one is one disk.
volatile=volatile:dir=$T/files,size=4M

# pair NAME: a guest of a new domid, with the disk, and its stubdomain, with it too.
pair() {
	new_vbd "$volatile" w
	accepted "$1: the guest's"
	guest=$disk guest_device=$(node physical-device)
	new_vbd "$volatile" w
	stub=$disk
	xen xenstore-write "/local/domain/$domid/target" $((domid - 1))
	mark
	accepted "$1: the stubdomain's"
}

pair "one disk for two"
is "$(node physical-device)" "$guest_device" "one disk for two: the same device"
is "$(maps | wc -l)" 1 "one disk for two: one mapping"
is "$(events | grep -c 'create\|reload\|add_key\|pwrite')" 0 "one disk for two: no second key, no write"

destroy "$stub"
disk=$stub
mark
remove
is "$status$stderr" 0 "the stubdomain goes first"
is "$(events | grep -c reload) $(maps | wc -l)" "0 1" "the stubdomain goes first: the guest keeps its disk"
destroy "$guest"
nothing "the stubdomain goes first: then the guest, and all is gone"
disk=$guest
remove
is "$status$stderr" 0 "the stubdomain goes first: the guest's remove"

pair "again"
destroy "$guest"
disk=$guest
mark
remove
is "$status$stderr" 0 "the guest goes first"
is "$(events | grep -c reload) $(maps | wc -l)" "0 1" "the guest goes first: the stubdomain keeps it"
destroy "$stub"
nothing "the guest goes first: then the stubdomain, and all is gone"
disk=$stub
remove
is "$status$stderr" 0 "the guest goes first: the stubdomain's remove"

# A cow disk is one snapshot for both.
file origin.img 4M
plain=$volatile
volatile=cow:origin=$file,dir=$T/files,size=4M
pair "cow"
is "$(node physical-device)" "$guest_device" "cow: the same device"
is "$(maps | wc -l)" 2 "cow: one snapshot over one store"
is "$(events | grep -c 'create\|reload\|add_key\|pwrite')" 0 "cow: no second key, no write"
like "$(node physical-device-path)" '^/dev/dm-[0-9]+$' "cow: QEMU is told the path in both"
destroy "$stub"
disk=$stub
mark
remove
is "$status$stderr" 0 "cow, the stubdomain goes first"
is "$(events | grep -c reload) $(maps | wc -l)" "0 2" "cow, the stubdomain goes first: the guest keeps its disk"
destroy "$guest"
nothing "cow, the stubdomain goes first: then the guest, and all is gone"
volatile=$plain

# stub NAME PARAMS TARGET PATTERN
stub() {
	new_vbd "$2" w
	xen xenstore-write "/local/domain/$domid/target" "$3"
	refused "$1" "$4"
}
new_vbd "$volatile" w
accepted "a guest"
guest=$disk
stub "another target than the guest's" "$volatile,discard" "$domid" 'its target is another one'
destroy "$guest"
nothing "another target than the guest's: nothing is left"
stub "a guest without that disk" "$volatile" 999 'cannot read the disk of domain 999'
new_vbd "$volatile" w
stub "a guest whose disk is not attached" "$volatile" "$domid" 'it has none'
stub "a target that is no number" "$volatile" '1 ' 'not a domain id'
stub "a target that is empty" "$volatile" '' 'not a domain id'
stub "a target past 32 bits" "$volatile" 4294967296 'not a domain id'
file root.img 4M
new_vbd "$file" r
xen xenstore-write "/local/domain/$domid/target" 999
accepted "a stubdomain's read-only disk"
destroy
nothing "a stubdomain's read-only disk: nothing is left"
