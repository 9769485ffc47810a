# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# Cow disks: how they are built, how they end, and what is refused.

store() { basename "$SHIM"/maps/*-store@crypt; }

snapshot() { basename "$SHIM"/maps/*-cow@crypt; }

file origin.img $((4194304 + 3 * 512 + 100))
cow=cow:origin=$file,dir=$T/files,size=8M
empty=$(world)
new_vbd "$cow" w
mark
accepted "dir="
number=$(cut -d' ' -f1 "$SHIM/maps/$(snapshot)")
is "$(events | sed -e 's/ 7:[0-9]* 0 2 / 7:N 0 2 /' -e 's/ 7:[0-9]* 7:[0-9]* N/ 7:N 7:N N/')" "xs_open
loop autoclear read-only
loop autoclear
create $(store)
reload $(store) error
remove-deferred $(store)
add_key logon xeneph:$(store)
reload-crypt $(store) crypt aes-xts-plain64 :64:logon:xeneph:$(store) 0 7:N 0 2 no_read_workqueue no_write_workqueue
invalidate_key
info $(store)
resume $(store)
pwrite 65536 at 0
create $(snapshot)
reload $(snapshot) error
remove-deferred $(snapshot)
reload-snapshot $(snapshot) snapshot 7:N 7:N N 16
info $(snapshot)
table $(store)
resume $(snapshot)
xs_transaction_start
xs_write $disk/physical-device-path /dev/dm-$number
xs_write $disk/physical-device $(node physical-device)
xs_write $disk/hotplug-status connected
xs_transaction_end commit" "dir=: each step, in this order, and no other"
like "$(snapshot)" "^xeneph-$domid-51712-[0-9a-f]{16}-cow@crypt$" "dir=: the snapshot's name"
is "$(store)" "$(snapshot | sed s/-cow/-store/)" "dir=: the store's, of the same nonce"
like "$(maps)" " COW-xeneph-$domid-51712-[0-9a-f]{16}-cow snapshot 8195($|[^0-9])" "dir=: the snapshot's UUID; as long as the origin, whole sectors"
like "$(maps)" " CRYPT-PLAIN-xeneph-$domid-51712-[0-9a-f]{16}-store crypt 16384($|[^0-9])" "dir=: the store's UUID and length"
is "$(node physical-device)" "$(printf '7:%x' "$number")" "dir=: blkback has the snapshot"
keyless "dir=: no key is left"
destroy
unchanged "$empty" "dir=: all is gone before remove has run"
remove
is "$status$stderr" 0 "dir=: remove after that"

new_vbd "$cow,workqueue=both" w
mark
accepted "workqueue=both"
like "$(events | grep "^reload-crypt")" " 0 7:[0-9]+ 0\$" "workqueue=both: the store's table"
destroy
unchanged "$empty" "workqueue=both: all is gone"

# Many of one origin, each by itself.
for ((i = 0; i < 4; i++)); do
	new_vbd "$cow" w
	accepted "one of many"
	disks+=("$disk")
done
is "$(maps | grep -c snapshot)" 4 "many of one origin"
for disk in "${disks[@]}"; do destroy; done
nothing "many of one origin end"

# Who writes to the origin is refused as for a read-only disk; so is a store that is in use.
new_vbd "$cow" w
holding '>>' "$file" refused "an origin that is open for writing" 'something else has it open for writing'
new_vbd "cow:origin=$T/files/none,dir=$T/files,size=4M" w
refused "no origin" 'cannot open origin.*: No such file'
new_vbd "cow:origin=$file,dev=$file" w
refused "the origin as its own store, a file" 'something else has it open'
truncate -s 100 "$T/files/tiny"
new_vbd "cow:origin=$T/files/tiny,dir=$T/files,size=4M" w
refused "an origin below one sector" 'smaller than one sector'
file disk.img 4M
loop_over "$file"
new_vbd "cow:origin=$loop,dev=$loop" w
refused "the origin as its own store, a block device" 'cannot use store.*: .*it is the origin'
is "$(tr -d '\0' <"$file" | wc -c)" 0 "and nothing was written to it"
losetup -d "$loop"

# The steps of the snapshot, each failing.
new_vbd "$cow" w
SHIM_NO_SNAPSHOT=1 refused "a kernel without dm-snapshot" 'the kernel has no dm-snapshot'
new_vbd "$cow" w
SHIM_WIPED=1 refused "a store that was wiped while the snapshot was made" 'cannot start the snapshot.*its store was wiped'
new_vbd "$cow" w
SHIM_FAIL=reload-snapshot=16 accepted "an origin that another attach has to itself for a moment"
destroy
wait_for 10 nothing_left

# The guest still holds it: the key goes, then the snapshot.
new_vbd "$cow" w
accepted "a disk that stays open"
mark
store=$(store) snapshot=$(snapshot)
remove
is "$status$stderr" 0 "of a disk that is open"
is "$(events | grep '^reload\|^resume')" "reload $store error
resume $store
reload $snapshot error
resume $snapshot" "of a disk that is open: error tables, the store's first"
destroy
nothing "of a disk that is open: then all is gone"
