# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ephemeral disks on an emulated host, for tests: . /tests/lib.sh; . /tests/lib-disks.sh

hotplug=/etc/xen/scripts/block-ephemeral
backend=/usr/libexec/xen-ephemeral/xen-ephemeral-block
tool=/usr/lib/xen-ephemeral-tests/tool
xvda=51712 xvdb=51728 xvdc=51744

# Everything in dom0 that an attach may leave: mappings, loop devices and what is behind them, keys,
# nodes.
host_state() {
	dmsetup ls --noheadings 2>&1 | sed 's/No devices found//'
	losetup --noheadings -l -O BACK-FILE
	sed 's/ *[^ ]* *//' /proc/keys | grep xeneph
	ls /dev/mapper
}

# nothing_left NAME BEFORE: the host is as it was when host_state printed BEFORE. Waits a little,
# since blkback closes a device after xl has returned and udev removes its links after that.
nothing_left() {
	local before=$2 now
	same_state() { now=$(host_state); [ "$now" = "$before" ]; }
	if wait_for 20 same_state; then pass "$1: nothing is left in dom0"; else
		fail_with "$1: nothing is left in dom0" "$(diff <(echo "$before") <(echo "$now"))"
	fi
}

# keyless NAME: no key of ours is in a keyring. The kernel takes a dead one out of /proc/keys by a work item of its own
# (security/keys/gc.c), which may come after the process that made it has ended.
keyless() {
	keys() { sed -n '/xeneph/p' /proc/keys || echo "unreadable"; }
	no_key() { [ -z "$(keys)" ]; }
	wait_for 10 no_key
	is "$(keys)" "" "$1"
}

# storeless NAME: no unnamed file is behind a loop device. udev has a loop device open while it handles its event, and
# that alone may keep the device for a moment longer.
storeless() {
	no_store() { ! losetup --noheadings -l -O BACK-FILE | grep -q deleted; }
	wait_for 20 no_store
	unlike "$(losetup --noheadings -l -O BACK-FILE)" deleted "$1"
}

# unused FILE|DEVICE: it is nobody's store any more: no loop device is on the file, no mapping on the device.
unused() {
	if [ -b "$1" ]; then [ -z "$(ls "/sys/class/block/${1#/dev/}/holders")" ]; else [ -z "$(losetup -j "$1")" ]; fi
}

# in_flight DEVICE: requests to it have not ended.
in_flight() {
	local reads writes
	read -r reads writes <"/sys/class/block/${1#/dev/}/inflight" && [ $((reads + writes)) -gt 0 ]
}

# remove_device NAME: a mapping of a test's own, which udev may be looking at, or of which a mapping above it has just
# gone: the kernel lets go of what that stood on after its name has gone.
remove_device() { wait_for 20 dmsetup remove "$1" || fail_with "dmsetup remove $1" "$(dmsetup remove "$1" 2>&1)"; }

# vbd_path DOMID DEVID: the backend folder, as scripts get it in XENBUS_PATH.
vbd_path() { echo "backend/vbd/$1/$2"; }

# vbd_make DOMID DEVID MODE PARAMS: the nodes that libxl writes for a disk (libxl_disk.c), without a
# domain. blkback takes it for one and waits for its device.
vbd_make() {
	local back="/local/domain/0/backend/vbd/$1/$2" front="/local/domain/$1/device/vbd/$2"
	xenstore-write "$front/backend" "$back" "$front/backend-id" 0 "$front/state" 1 \
		"$front/virtual-device" "$2" "$front/device-type" disk
	xenstore-write "$back/frontend" "$front" "$back/frontend-id" "$1" "$back/online" 1 \
		"$back/removable" 0 "$back/bootable" 1 "$back/dev" xvdc "$back/type" phy \
		"$back/mode" "$3" "$back/device-type" disk "$back/discard-enable" 1 \
		"$back/params" "$4" "$back/script" "$hotplug" "$back/state" 1
	wait_for 10 vbd_waits "$1" "$2" || diag "blkback does not wait for vbd $1/$2"
}

# vbd_opened, vbd_closed DOMID DEVID: blkback has opened the disk's device, which is after the script and after xl; it
# has seen that the disk is gone.
vbd_opened() { [ -e "/sys/bus/xen-backend/devices/vbd-$1-$2/mode" ]; }
vbd_closed() { [ ! -e "/sys/bus/xen-backend/devices/vbd-$1-$2" ]; }

vbd_waits() { [ "$(xenstore-read "$(vbd_path "$1" "$2")/state")" = 2 ]; }

# vbd_drop DOMID DEVID: what libxl does in the end; blkback lets the device go.
vbd_drop() {
	xenstore-rm "/local/domain/0/backend/vbd/$1/$2"
	xenstore-rm "/local/domain/$1/device/vbd/$2"
	wait_for 10 vbd_closed "$1" "$2" || diag "blkback keeps vbd $1/$2"
}

# vbd_run add|remove DOMID DEVID: the hotplug script, as libxl runs it.
vbd_run() {
	script=$hotplug XENBUS_TYPE=vbd XENBUS_BASE_PATH=backend XENBUS_PATH=$(vbd_path "$2" "$3") \
		"$hotplug" "$1"
}

vbd_node() { xenstore-read "$(vbd_path "$1" "$2")/$3" 2>/dev/null; }

# volume_hold TARGET: a disk that a program holds until volume_release. Sets $name and $device, or $said when it is refused.
volume_hold() {
	local number
	said='' number='' name=''
	coproc HOLDER { exec "$tool" hold "$1" 7 "$xvdc" 2>hold.err; }
	# When it has failed already, bash has taken its descriptors away.
	{ read -r -t $((60 * ${PATIENCE:-1})) said number name <&"${HOLDER[0]}"; } 2>/dev/null
	[ "$said" = holding ] || { said="${said:-no answer} $number $name $(cat hold.err)" && return 1; }
	device=/dev/$(basename "$(readlink "/sys/dev/block/$number")")
}

volume_release() {
	local pid=$HOLDER_PID input=${HOLDER[1]}
	exec {input}>&-
	wait "$pid"
}

# mapping_of DOMID DEVID: the name of its mapping.
mapping_of() { dmsetup ls | sed -n "s/^\(xeneph-$1-$2-[0-9a-f]*@crypt\)\t.*/\1/p"; }

# device_of MAPPING: its device. Not through the link in /dev/mapper, which udev makes some time later.
device_of() { echo "/dev/$(dmsetup info -c --noheadings -o blkdevname "$1")"; }

mapping_gone() { ! dmsetup info "$1"; }

# image_private FILE MIB: an ext4 filesystem with a file in it.
image_private() {
	local tree
	tree=$(mktemp -d)
	echo ORIGINAL-PRIVATE >"$tree/original"
	truncate -s "$2M" "$1"
	mkfs.ext4 -q -F -d "$tree" "$1"
	rm -r "$tree"
}

# image_root FILE MIB: a root filesystem whose /sbin/init is the demo's.
image_root() {
	local tree
	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,sbin,etc,dev,proc,sys,run,rw,tmp}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	cp /usr/lib/xen-ephemeral-tests/demo-init "$tree/sbin/init"
	# What the kernel runs when the toolstack asks for a shutdown; it tells init.
	ln -s ../bin/busybox "$tree/sbin/poweroff"
	echo ORIGINAL-ROOT >"$tree/original"
	printf '%s\n' '/dev/mapper/dmroot / ext4 defaults 0 1' '/dev/xvdb /rw ext4 defaults 0 0' \
		'/dev/xvdc1 none swap defaults 0 0' >"$tree/etc/fstab"
	truncate -s "$2M" "$1"
	mkfs.ext4 -q -F -d "$tree" "$1"
	rm -r "$tree"
}

# example_images [MARKER]: what the example's configuration names, made here and put where it names it. The guest writes
# MARKER, and waits for xl shutdown: the demo's /sbin/init ends by itself after a while.
example_images() {
	mkdir images stores mnt
	image_root images/root.img 64
	image_private images/private.img 32
	mount -o loop images/root.img mnt
	sed -i "s/hold=10/hold=forever/; s/marker=NO-MARKER-GIVEN/marker=${1:-NO-MARKER-GIVEN}/" mnt/sbin/init
	umount mnt
	# mount's loop device has it open for writing, and goes when udev has looked at it.
	wait_for 20 unused images/root.img
	ln -s /guest/vmlinux images/vmlinuz
	ln -s /guest/initramfs images/initramfs
	mkdir -p /var/lib/images "$guest_dir"
	mount --bind images /var/lib/images
	mount --bind stores /var/lib/xen-ephemeral
}

example_images_end() { umount /var/lib/images /var/lib/xen-ephemeral; }

# disk ROLE VDEV TARGET: one disk in xl's syntax; ROLE is ro or rw.
disk() { echo "script=block-ephemeral,backendtype=phy,vdev=$2,access=$1,target=$3"; }

# plain VDEV FILE: a writable disk that is not ours, on a loop device: the host has no QEMU to serve a file.
plain() { echo "phy:$(losetup -f --show "$2"),$1,w"; }

# plain_end: gives back the loop devices of the files below here.
plain_end() {
	local loop
	for loop in $(losetup --noheadings -l -O NAME,BACK-FILE | sed -n "s# *$PWD/.*##p"); do losetup -d "$loop"; done
}

# every_byte FILE: the whole file or device. A device past its page cache, where udev's looks at a new
# loop device have left pages that are older than what dm-crypt has written since.
every_byte() {
	if [ -b "$1" ]; then dd if="$1" bs=1M iflag=direct status=none; else cat "$1"; fi
}

size_of() { if [ -b "$1" ]; then blockdev --getsize64 "$1"; else stat -c %s "$1"; fi; }

# count_in PATTERN FILE: how often the text stands in it; no number where not every byte was read.
count_in() {
	[ -b "$2" ] || [ -f "$2" ] || { echo "no such store: $2" && return 1; }
	[ "$(every_byte "$2" | wc -c)" = "$(size_of "$2")" ] || { echo "unreadable: $2" && return 1; }
	every_byte "$2" | LC_ALL=C grep -aoF -e "$1" | wc -l
}

# store_of DEVICE: the one device that a mapping stands on.
store_of() {
	local slaves=("/sys/class/block/${1#/dev/}/slaves/"*)
	[ "${#slaves[@]}" = 1 ] && [ -e "${slaves[0]}" ] || return 1
	echo "/dev/${slaves[0]##*/}"
}
