#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# What `add` refuses, with blkback waiting for a device: exit status, the words for the guest to see,
# and nothing left behind.
. /tests/lib.sh
. /tests/lib-disks.sh

truncate -s 16M file.img small.img
truncate -s 1M small.img
truncate -s 0 empty.img
mkfifo fifo
ln -s file.img link.img
mkdir folder
before=$(host_state)
files=$(ls -A)

# refused NAME WANTED MODE PARAMS [DOMID]
refused() {
	local domid=${5:-90} output error
	vbd_make "$domid" $xvdc "$3" "$4"
	output=$(vbd_run add "$domid" $xvdc 2>&1)
	is "$?" 1 "$1: exit status 1"
	error=$(vbd_node "$domid" $xvdc hotplug-error)
	like "$error" "^xen-ephemeral: disk $xvdc of domain $domid: $2" "$1: hotplug-error says why"
	unlike "$error" "$PWD|/dev/" "$1: and names no host path"
	is "$(vbd_node "$domid" $xvdc hotplug-status)" error "$1: hotplug-status is error"
	is "$(vbd_node "$domid" $xvdc physical-device)" "" "$1: no physical-device"
	like "$output" "^xen-ephemeral: add: disk $xvdc of domain $domid: " "$1: stderr says it too"
	vbd_drop "$domid" $xvdc
	nothing_left "$1" "$before"
	is "$(ls -A)" "$files" "$1: no file is left"
}

refused "writable plain path" "cannot attach this disk: writable, but its target is not ephemeral" \
	w "$PWD/file.img"
refused "writable volatile disk of domain 0" "cannot attach this disk: domain 0 gets no writable" \
	w "volatile:dir=$PWD,size=16M" 0
refused "unknown option" "unknown option of a volatile target" w "volatile:dir=$PWD,size=16M,speed=9"
refused "a symlink" "cannot use origin: a symbolic link" r "$PWD/link.img"
refused "a fifo" "cannot use origin: neither a regular file nor a block device" r "$PWD/fifo"
refused "a folder" "cannot use origin: a directory" r "$PWD/folder"
refused "a character device" "cannot use origin: neither a regular" r /dev/null
refused "an empty file" "cannot use origin: smaller than one sector" r "$PWD/empty.img"
refused "a small store" "cannot use store: smaller than 2 MiB" w "volatile:dev=$PWD/small.img"
refused "a small anonymous store" "cannot use store: smaller than 2 MiB" \
	w "volatile:dir=$PWD,size=64K"
refused "a folder that is not there" "cannot make the store: No such file" \
	w "volatile:dir=$PWD/none,size=16M"

exec 7<>file.img
refused "origin open for writing" "cannot use origin: .*something else has it open for writing" \
	r "$PWD/file.img"
refused "store in use" "cannot use store: .*something else has it open" \
	w "volatile:dev=$PWD/file.img"
exec 7>&-

# A filesystem without anonymous files, and one without room for the first 64 KiB.
refused "no O_TMPFILE" "cannot make the store: .*its filesystem has no O_TMPFILE files" \
	w "volatile:dir=/sys,size=4M"
mkdir /run/full
mount -t tmpfs -o size=64k tmpfs /run/full
head -c 60000 /dev/zero >/run/full/filler
refused "a full filesystem" "cannot write to the store: .*is the store's filesystem or pool full" \
	w "volatile:dir=/run/full,size=16M"
umount /run/full

# The disk is not as an attach must find it.
vbd_make 91 $xvdc w "volatile:dir=$PWD,size=16M"
xenstore-write "$(vbd_path 91 $xvdc)/frontend-id" 92
fails "frontend-id of another domain" vbd_run add 91 $xvdc
like "$(vbd_node 91 $xvdc hotplug-error)" "frontend-id is not the domain of XENBUS_PATH" \
	"frontend-id: the message"
xenstore-write "$(vbd_path 91 $xvdc)/frontend-id" 91 "$(vbd_path 91 $xvdc)/state" 4
fails "state 4" vbd_run add 91 $xvdc
like "$(vbd_node 91 $xvdc hotplug-error)" "its state is not 2" "state: the message"
xenstore-write "$(vbd_path 91 $xvdc)/state" 2
ok "the same disk, put right, attaches" vbd_run add 91 $xvdc
fails "attached a second time" vbd_run add 91 $xvdc
like "$(vbd_node 91 $xvdc hotplug-error)" "it has a physical-device already" "second: the message"
is "$(vbd_node 91 $xvdc hotplug-status)" connected "second: the disk's status is what it was"
is "$(dmsetup info -c --noheadings -o open "$(mapping_of 91 $xvdc)")" 1 "second: it stays attached"
vbd_drop 91 $xvdc
nothing_left "after an attached disk's end" "$before"

# No dm-crypt: the module is hidden and unloaded.
module=$(modinfo -n dm-crypt)
mv "$module" "$module.hidden"
# A mapping's name goes before what its table had.
ok "dm-crypt is unloaded" wait_for 20 rmmod dm_crypt
refused "no dm-crypt in the kernel" "cannot load the encrypted device's table: .*has no dm-crypt" \
	w "volatile:dir=$PWD,size=16M"
mv "$module.hidden" "$module"
ok "with dm-crypt back" modprobe dm-crypt
