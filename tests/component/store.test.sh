# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# Stores that are refused, and failures while a volatile disk is built.

# d NAME STORE PATTERN: volatile:dev=STORE
d() {
	new_vbd "volatile:dev=$2" w
	refused "$1" "$3"
}
# n NAME DIR[,OPTIONS] PATTERN: volatile:dir=...
n() {
	new_vbd "volatile:dir=$2,size=${4:-4M}" w
	refused "$1" "$3"
}

file store 4M
new_vbd "volatile:dev=$file" w
holding '<' "$file" refused "a file that is open for reading elsewhere" 'something else has it open'
new_vbd "volatile:dev=$file" w
holding '>>' "$file" refused "a file that is open for writing elsewhere" 'something else has it open'
loop_over "$file"
d "a file with a loop device on it" "$file" 'something else has it open'
losetup -d "$loop"
loop_over "$file" -r
d "a file with a read-only loop device on it" "$file" 'something else has it open'
losetup -d "$loop"
new_vbd "$file" r
accepted "a file as an origin"
origin=$disk
d "a file that is an origin" "$file" 'something else has it open'
destroy "$origin"
wait_for 10 nothing_left
new_vbd "volatile:dev=$file" w
accepted "a file as a store"
store=$disk
d "the store of another domain" "$file" 'something else has it open'
is "$(xen xenstore-read "$store/hotplug-status") $(maps | wc -l)" "connected 1" "the other domain keeps it"
destroy "$store"
wait_for 10 nothing_left

d "a missing file" "$T/files/none" 'No such file'
d "a folder" "$T/files" 'a directory'
mkfifo "$T/files/fifo"
d "a fifo" "$T/files/fifo" 'neither a regular file nor a block device'
d "a character device" /dev/zero 'neither a regular file nor a block device'
ln -s store "$T/files/symlink"
d "a symlink" "$T/files/symlink" 'a symbolic link'
truncate -s $((2097152 - 1)) "$file"
d "a file under 2 MiB" "$file" 'smaller than 2 MiB'
truncate -s 0 "$file"
d "an empty file" "$file" 'smaller than 2 MiB|cannot set up a loop device'
truncate -s 4M "$file"
n "a size under 2 MiB" "$T/files" 'smaller than 2 MiB' 1M

# Block devices, made of loop devices.
loop_over "$file"
mkfs.ext4 -q "$loop"
mkdir "$T/mount"
mount -o ro "$loop" "$T/mount"
d "a device that is mounted" "$loop" 'held by another device, a mount or swap'
umount "$T/mount"
new_vbd "volatile:dev=$loop" w
accepted "a device as a store"
store=$disk
d "the device of another domain" "$loop" 'held by another device, a mount or swap'
destroy "$store"
wait_for 10 no_maps
mkdir /sys/bus/xen-backend/devices/vbd-99-51712
printf '7:%x\n' "${loop#/dev/loop}" >/sys/bus/xen-backend/devices/vbd-99-51712/physical_device
echo r >/sys/bus/xen-backend/devices/vbd-99-51712/mode
d "a device that a domain has attached" "$loop" 'attached to a domain'
rm -r /sys/bus/xen-backend/devices/vbd-99-51712
# device-mapper lets in two that are loaded at the same moment (dm.c, _dm_claim_ptr).
mkdir -p "$SHIM/holders/7:${loop#/dev/loop}/other"
d "a device that another took at the same moment" "$loop" 'put on it at the same moment'
rmdir "$SHIM/holders/7:${loop#/dev/loop}/other"
exec 7<"$loop"
flock -x 7
d "a device that stays locked" "$loop" 'something keeps it locked'
exec 7<&-
losetup -d "$loop"
loop_over "$file" -r
d "a read-only device" "$loop" 'Read-only|Permission denied|not permitted'
losetup -d "$loop"
truncate -s 1M "$file"
loop_over "$file"
d "a device under 2 MiB" "$loop" 'smaller than 2 MiB'
losetup -d "$loop"

# Folders.
n "a missing folder" "$T/files/none" 'No such file'
n "a file for a folder" "$file" 'Not a directory'
n "a filesystem without O_TMPFILE" /proc 'no O_TMPFILE files'
mount -o bind,ro "$T/files" "$T/mount"
n "a read-only filesystem" "$T/mount" 'Read-only file system'
umount "$T/mount"

# A filesystem that takes 1 MiB more, under a store of 4: the first write of 64 KiB is what must fail.
file image 8M
mkfs.ext4 -q -m 0 "$file"
mount -o loop "$file" "$T/mount"
n "a size past the filesystem's limit" "$T/mount" 'more than a file can have' 1024T
cat /dev/zero >"$T/mount/filler" 2>/dev/null
n "a full filesystem" "$T/mount" 'cannot write to the store: No space left on device .*full'
n "a full filesystem, sector=4096" "$T/mount,sector=4096" 'cannot write to the store: No space left'
rm "$T/mount/filler"
new_vbd "volatile:dir=$T/mount,size=4M" w
accepted "the same filesystem with room"
destroy
wait_for 10 no_maps
umount "$T/mount"

# The kernel refuses a step. What was made before has to go.
for step in create reload reload-crypt resume remove-deferred; do
	new_vbd "volatile:dir=$T/files,size=4M" w
	SHIM_FAIL="$step=12" refused "no memory for $step" 'encrypted device.*: Cannot allocate memory'
done
new_vbd "volatile:dir=$T/files,size=4M" w
SHIM_NO_CRYPT=1 refused "a kernel without dm-crypt" 'the kernel has no dm-crypt'
new_vbd "volatile:dir=$T/files,size=4M" w
SHIM_FAIL=reload-crypt=126 refused "dm-crypt that does not find the key" 'did not find the key'
new_vbd "volatile:dir=$T/files,size=4M" w
SHIM_FAIL=reload-crypt=22 refused "dm-crypt that refuses the table" 'Invalid argument'

# No key in memory that could reach swap.
new_vbd "volatile:dir=$T/files,size=4M" w
mark
refused "memory that cannot be locked" 'cannot lock memory for the key' \
	setpriv --bounding-set=-ipc_lock prlimit --memlock=0
is "$(events | grep -c 'add_key\|reload-crypt')" 0 "memory that cannot be locked: no key, no table"
new_vbd "volatile:dir=$T/files,size=4M" w
refused "too little memory that can be locked" 'cannot lock memory for the key' \
	setpriv --bounding-set=-ipc_lock prlimit --memlock=2048
new_vbd "volatile:dir=$T/files,size=4M" w
refused "a limit on the size of files" 'cannot size the store.*: File too large' prlimit --fsize=1048576
