#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group blkback: what one request costs a PVH guest, in microseconds from what fio sees in there: on whole disks through
# blkfront and blkback, and in files on dmroot, the snapshot on an encrypted disk, with chunks of several sizes. All that is
# compared belongs to one guest, so that its rounds are interleaved too. Below is memory that null_blk makes disks of, for
# loop devices a filesystem in it.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/lib-xen.sh
. /tests/bench/lib.sh

chunks=(8 16 32 64 128) # sectors of 512 bytes
store_mib=48            # of the snapshot with each
configfs=/sys/kernel/config
folders=() names=() disks=()

# memory MIB: sets memory to one more disk, which keeps what is written to it. Kernels before 6.0 do not give it the
# folder's name.
memory() {
	local name=bench-${#folders[@]}
	local folder=$configfs/nullb/$name
	mkdir "$folder" && folders+=("$folder") && echo "$1" >"$folder/size" && echo 1 >"$folder/memory_backed" &&
		echo 1 >"$folder/power" || give_up "a null_blk of $1 MiB"
	memory=/dev/$name
	[ -b "$memory" ] || memory=/dev/nullb$(<"$folder/index")
}

# loop_over FILE OPTION...: sets loop to a loop device.
loop_over() {
	truncate -s 16M "store/$1"
	loop=$(losetup -f --show "${@:2}" "store/$1") || give_up "losetup $*"
}

# filesystem DEVICE-OR-FILE FOLDER [OPTION...]: a new one, mounted there. In blocks of 4 KiB, which a small one has not by
# itself, and with nothing left to do for the kernel later.
filesystem() {
	mkdir "$2" && mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$1" && mount "${@:3}" "$1" "$2" ||
		give_up "the filesystem on $1"
}

make_store() {
	memory 192
	filesystem "$memory" store
}

# The guest's root, with the files that fio finds there.
make_root() {
	truncate -s 48M store/root.img
	filesystem store/root.img root -o loop
	for file in read old apart; do head -c 8M /dev/urandom >root/$file; done
	umount root
}

# The guest gets fio on a disk.
make_tools() {
	truncate -s 96M tools.img
	filesystem tools.img tools -o loop
	cp "$(command -v fio)" "$(dirname "$0")/blkback-guest.sh" tools/
	LD_TRACE_LOADED_OBJECTS=1 fio | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | xargs cp -L -t tools || give_up "fio's libraries"
	loads | tee loads.fio >tools/loads.fio
	printf '%s\n' "rounds=$rounds" "chunks='${chunks[*]}'" "store_sectors=$((store_mib * 2048))" >tools/settings
	umount tools
}

# whole NAME DISK: one more that fio works on as a whole.
whole() { names+=("$1") disks+=("$2"); }

# Those that fio works on as a whole are xvdb and so on, as in loads. The others are known to the guest's program: root, the
# stores, and the filesystems beside.
make_disks() {
	memory 16 && whole plain "phy:$memory,xvdb,w"
	memory 16 && whole default "$(disk rw xvdc "volatile:dev=$memory")"
	memory 16 && whole queues "$(disk rw xvdd "volatile:dev=$memory,workqueue=both")"
	memory 16
	cryptsetup open --type plain --key-file /dev/urandom --cipher aes-xts-plain64 --batch-mode "$memory" bench-blkback ||
		give_up "cryptsetup open"
	whole cryptsetup phy:/dev/mapper/bench-blkback,xvde,w
	loop_over buffered.img && whole loop "$(disk rw xvdf "volatile:dev=$loop")"
	loop_over direct.img --direct-io=on && whole loop-direct "$(disk rw xvdg "volatile:dev=$loop")"
	[ "$(losetup --noheadings -O DIO "$loop" | tr -d ' ')" = 1 ] || give_up "$loop has no direct I/O"
	disks+=("$(disk ro xvda "$PWD/store/root.img")")
	memory $((store_mib * ${#chunks[@]} + 1)) && disks+=("$(disk rw xvdh "volatile:dev=$memory")")
	memory 48 && disks+=("$(disk rw xvdi "volatile:dev=$memory")")
	memory 48 && disks+=("phy:$memory,xvdj,w")
}

# loads: what fio is to do in the guest, one device or filesystem after the other for each kind of load. A job without a
# dot in its name is no sample: the first of a kind is slower, whatever it works on.
loads() {
	local load settings name disk
	printf '%s\n' '[global]' ioengine=libaio thread=1 randrepeat=0 norandommap=1 zero_buffers=0 fallocate=none size=8M stonewall
	while read -r load settings; do
		disk=b
		for name in warm-up "${names[@]/%/.$load}"; do
			printf '%s\n' "[$name]" "filename=/dev/xvd$disk" direct=1 "${settings// /$'\n'}"
			[ "$name" = warm-up ] || disk=$(tr a-y b-z <<<"$disk")
		done
	done <<-END
		randread-1 rw=randread bs=4k iodepth=1 time_based=1 runtime=150ms
		randwrite-1 rw=randwrite bs=4k iodepth=1 time_based=1 runtime=150ms
		randread-32 rw=randread bs=4k iodepth=32 time_based=1 runtime=150ms
		randwrite-32 rw=randwrite bs=4k iodepth=32 time_based=1 runtime=150ms
		fsync-1 rw=randwrite bs=4k iodepth=1 fsync=1 time_based=1 runtime=150ms
		read-1M rw=read bs=1M iodepth=4
		write-1M rw=write bs=1M iodepth=4
	END
	# new is written once and synced at the end; of read nothing was ever written; old is written to here and there; in
	# apart no two writes are nearer than the largest chunk is long.
	while read -r load settings; do
		for name in plain volatile "${chunks[@]/#/dmroot-}"; do
			printf '%s\n' "[$name.file-$load]" "directory=/m/$name" "${settings// /$'\n'}"
		done
	done <<-END
		write-1M filename=new rw=write bs=1M end_fsync=1
		read-1M filename=read rw=read bs=1M direct=1
		fsync-1 filename=old rw=randwrite bs=4k io_size=512k fdatasync=1
		apart-1 filename=apart rw=write:60k bs=4k io_size=512k fdatasync=1
	END
}

# What it prints is looked at seldom: dom0's looking takes time from the guest.
wait_for_guest() {
	local printed='' seen=0
	guest_wait_for_text io "guest: init" 300 || give_up "the guest does not come up"
	until [[ $printed == *"guest: commands ended"* ]]; do
		[ "$SECONDS" -lt 4000 ] || { guest_console io | tail -n 20 && give_up "the guest does not come to its end"; }
		sleep 5
		printed=$(</var/log/xen/console/guest-io.log)
		[[ $printed != *"blkback: round $((seen + 1)) of"* ]] || progress "round $((seen += 1)) of $rounds ($SECONDS s)"
	done
	guest_gone io || give_up "the guest does not end"
}

samples_of_guest() {
	local word name unit value
	while read -r word name unit value; do [ "$word" != IO ] || sample "$name" "$unit" "$value"; done < <(guest_console io)
	[ "$(guest_console io | grep -c '^IO .* us ')" = "$((rounds * $(grep -c '^\[.*\.' loads.fio)))" ] ||
		{ guest_console io | grep -v '^IO ' && give_up "fio has not done all of its jobs"; }
}

clean_up() {
	local folder
	cryptsetup close bench-blkback
	plain_end
	umount store
	for folder in "${folders[@]}"; do echo 0 >"$folder/power" && rmdir "$folder"; done
}

modprobe null_blk nr_devices=0 || give_up "null_blk"
mountpoint -q $configfs || mount -t configfs configfs $configfs || give_up "configfs"
machine fio: "$(fio --version)"
make_store
make_root
make_disks
make_tools
calm
progress "the disks are there ($SECONDS s)"
# libxc would unpack it.
zcat -f "${GUEST_RAMDISK:-/guest/initramfs}" >initramfs || give_up "no initramfs"
GUEST_RAMDISK=$PWD/initramfs GUEST_MEMORY=384 GUEST_RUN='mkdir /t && mount -o ro /dev/xvdk /t && . /t/blkback-guest.sh' \
	guest_config io "${disks[@]}" "$(plain xvdk "$PWD/tools.img")"
guest_start io >output 2>&1 || { cat output && give_up "xl create"; }
wait_for_guest
samples_of_guest
machine "chunk of the step:" "$(guest_console io | sed -n 's/^blkback: the step.s chunk: //p') sectors"
clean_up
