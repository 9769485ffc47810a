# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# Read-only disks.

# flags: "read-only autoclear" of the loop device that the disk is.
flags() {
	local device
	device=$(node physical-device)
	losetup -n -O RO,AUTOCLEAR "/dev/loop$((16#${device#*:}))" | xargs
}

file root.img 4M
sum=$(md5sum <"$file")
empty=$(world)

new_vbd "$file" r
mark
accepted "a file"
first=$disk
is "$(events | tail -n +2)" "loop autoclear read-only
xs_transaction_start
xs_write $disk/physical-device $(node physical-device)
xs_write $disk/hotplug-status connected
xs_transaction_end commit" "a file: what is done, and that nothing else is"
is "$(flags)" "1 1" "a file: its loop device is read-only and goes by itself"
is "$(node physical-device-path)" '' "a file: QEMU is told no path"
is "$(loops | wc -l)" 1 "a file: one loop device"
# shellcheck disable=SC2016 # for the other shell
ok "a file: a lease holds nobody up" timeout 20 bash -c ': <>"$1"' - "$file"

new_vbd "$file" r
accepted "the same file for a second domain"
isnt "$(node physical-device)" "$(disk=$first node physical-device)" "each has a loop device of its own"
destroy
one_loop() { [ "$(loops | wc -l)" = 1 ]; }
wait_for 10 one_loop
is "$(loops | wc -l)" 1 "the second domain's goes with it"
destroy "$first"
unchanged "$empty" "nothing is left before remove has run"
disk=$first
remove
is "$status$stderr" 0 "remove after that"

new_vbd "$file" r
holding '<' "$file" accepted "a file that is open for reading elsewhere"
destroy
loop_over "$file" -r
new_vbd "$file" r
accepted "a file with a read-only loop device on it"
destroy
losetup -d "$loop"
new_vbd "/$T/files/../files/root.img" r
accepted "a path with .. in its middle"
destroy
ln -s files "$T/link"
new_vbd "$T/link/root.img" r
accepted "a symlink in the path's middle"
destroy
wait_for 10 world_is "$empty"

# r NAME PATH PATTERN
r() {
	new_vbd "$2" r
	refused "$1" "$3"
}
new_vbd "$file" r
holding '>>' "$file" refused "open for writing elsewhere" 'something else has it open for writing'
new_vbd "$file" r
holding '<>' "$file" refused "open for both elsewhere" 'something else has it open for writing'
# A lease holds up whoever opens the file, for 45 s as the kernel comes: longer than libxl waits.
# shellcheck disable=SC2016 # perl's variables
background "$T/lease" perl -e '$SIG{IO} = "IGNORE"; open(F, "+<", $ARGV[0]) && fcntl(F, 1024, 1) || die;
	print("taken\n"); close(STDOUT); sleep(600)' "$file"
wait_for 20 grep -q taken "$T/lease" || fail_with "a lease" "$(cat "$T/lease")"
SECONDS=0
r "a file that another program has a lease on" "$file" 'another attach is looking at it'
ok "a file that another program has a lease on: is not waited for" test "$SECONDS" -lt 20
stop "$pid"
loop_over "$file"
r "a writable loop device on it" "$file" 'something else has it open for writing'
losetup -d "$loop"
r "a missing file" "$T/files/none" 'No such file'
r "a file as a folder" "$file/x" 'Not a directory'
r "a folder" "$T/files" 'a directory'
mkfifo "$T/files/fifo"
r "a fifo" "$T/files/fifo" 'neither a regular file nor a block device'
r "a character device" /dev/null 'neither a regular file nor a block device'
ln -s root.img "$T/files/symlink"
r "a symlink" "$T/files/symlink" 'a symbolic link'
: >"$T/files/empty"
r "an empty file" "$T/files/empty" 'smaller than one sector'
truncate -s 511 "$T/files/empty"
r "511 bytes" "$T/files/empty" 'smaller than one sector'
rm "$T/files/symlink" "$T/files/fifo" "$T/files/empty"

# A block device, made of a loop device.
loop_over "$file"
device="$(printf '%x:%x' 7 "${loop#/dev/loop}")"
new_vbd "$loop" r
mark
accepted "a block device"
is "$(node physical-device)" "$device" "a block device: is handed on itself"
is "$(events | grep -c ^loop)" 0 "a block device: gets no loop device"
new_vbd "$loop" r
accepted "the same device for a second domain"
destroy
destroy "backend/vbd/$((domid - 1))/51712"
ln -s "$loop" /dev/by-name
new_vbd /dev/by-name r
accepted "a symlink below /dev"
destroy
ln -s "$file" /dev/by-name-file
r "a symlink below /dev to a file" /dev/by-name-file 'a regular file below /dev'
r "a symlink elsewhere, by way of /dev" "/dev/..$T/files/root.img/" 'Not a directory'
ln -s "$loop" "$T/files/to-device"
r "a symlink elsewhere to a device" "$T/files/to-device" 'a symbolic link'
rm "$T/files/to-device"

# What dom0 does with it.
mkfs.ext4 -q "$loop"
mkdir "$T/mount"
mount "$loop" "$T/mount"
r "a device that is mounted writable" "$loop" 'mounted writable'
mount -o remount,ro "$T/mount"
new_vbd "$loop" r
accepted "a device that is mounted read-only"
destroy
umount "$T/mount"
loop_over "$loop" -r
upper=$loop
loop=/dev/loop$((16#${device#*:}))
new_vbd "$loop" r
accepted "a device with a read-only loop device on it"
destroy
losetup -d "$upper"
exec 7<>"$loop"
new_vbd "$loop" r
accepted "a device that is open without a claim"
destroy
exec 7>&-
mkdir /sys/bus/xen-backend/devices/vbd-99-51712
echo "$device" >/sys/bus/xen-backend/devices/vbd-99-51712/physical_device
echo r >/sys/bus/xen-backend/devices/vbd-99-51712/mode
new_vbd "$loop" r
accepted "a device that another domain has read-only"
destroy
echo w >/sys/bus/xen-backend/devices/vbd-99-51712/mode
r "a device that another domain has writable" "$loop" 'attached writable to another domain'
rm -r /sys/bus/xen-backend/devices/vbd-99-51712
new_vbd "volatile:dev=$loop" w
accepted "a device that becomes a store"
store=$disk
r "the store of another domain" "$loop" 'held by something that may write|a writable device stands on it'
destroy "$store"
wait_for 10 no_maps

# Another attach has it exclusively while it looks, which is no reason to refuse.
wait_for 10 nothing_left
perl -MFcntl -e 'sysopen(F, $ARGV[0], O_RDONLY | O_EXCL) or die; $| = 1; print "held\n"; select(undef, undef, undef, 0.2)' \
	"$loop" >"$T/held" &
holder=$!
wait_for 5 test -s "$T/held"
new_vbd "$loop" r
accepted "a device that another attach looks at"
wait "$holder"
destroy

# The name below /dev/mapper has to be the mapping's.
mount -t tmpfs tmpfs /sys/dev/block
ln -s "$loop" /dev/mapper/vg-root
r "/dev/mapper/NAME that is no mapping" /dev/mapper/vg-root 'not a device-mapper device'
mkdir -p "/sys/dev/block/7:${loop#/dev/loop}/dm"
echo vg-other >"/sys/dev/block/7:${loop#/dev/loop}/dm/name"
r "/dev/mapper/NAME of another mapping" /dev/mapper/vg-root 'has another name'
echo vg-root >"/sys/dev/block/7:${loop#/dev/loop}/dm/name"
new_vbd /dev/mapper/vg-root r
accepted "/dev/mapper/NAME of that mapping"
destroy
umount /sys/dev/block

losetup -d "$loop"
nothing "nothing is left at the end"
