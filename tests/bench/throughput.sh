#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# host: vm
# Group throughput: what one request costs on an encrypted device, in microseconds from the throughput that fio sees, on
# null_blk, which takes no time itself. In a machine of two processors: dm-crypt's work queues are there for the second.
. /tests/lib.sh
. /tests/bench/lib.sh

bytes=$((1 << 30)) next=0
declare -A device=()

# backing: sets it to one more null_blk device.
backing() { backing=/dev/nullb$((next++)); }

# crypt NAME CIPHER KEY-BYTES [OPTION...]: a table of our own; the key is in it, and is not the one of anything.
crypt() {
	local key options=("${@:4}")
	backing
	key=$([ "$3" = 0 ] && echo - || head -c "$3" /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	dmsetup create "bench-$1" --table "0 $((bytes / 512)) crypt $2 $key 0 $backing 0 ${options:+${#options[@]} ${options[*]}}" ||
		give_up "dmsetup create bench-$1"
	device[$1]=/dev/mapper/bench-$1
}

# cryptsetup_plain NAME [OPTION...]
cryptsetup_plain() {
	backing
	cryptsetup open --type plain --key-file /dev/urandom --cipher aes-xts-plain64 --batch-mode "${@:2}" "$backing" "bench-$1" ||
		give_up "cryptsetup open bench-$1"
	device[$1]=/dev/mapper/bench-$1
}

# ours NAME [OPTION...]: by the program that toolstacks without hotplug scripts call; the tables are the hotplug script's.
ours() {
	backing
	device[$1]=$(xen-ephemeral open --name "bench-$1" --dev "$backing" "${@:2}") || give_up "xen-ephemeral open: $*"
}

# What each is called in the results is the name of its device.
make_devices() {
	modprobe null_blk nr_devices=12 gb=1 queue_mode=2 || give_up "null_blk"
	backing
	device[raw]=$backing
	cryptsetup_plain cryptsetup
	cryptsetup_plain cryptsetup-512 --key-size 512
	ours default
	ours sector-4096 --sector 4096
	ours read-queue --workqueue read
	ours write-queue --workqueue write
	ours queues --workqueue both
	ours queues-4096 --workqueue both --sector 4096
	crypt null cipher_null-ecb 0
	crypt null-no-queues cipher_null-ecb 0 no_read_workqueue no_write_workqueue
}

# loads: what fio is to do, one device after the other for each kind of load.
loads() {
	local load name settings
	printf '%s\n' '[global]' direct=1 ioengine=libaio thread=1 time_based=1 runtime=400ms size=256M randrepeat=0 \
		norandommap=1 zero_buffers=0 stonewall
	# What fio does first is slower, whatever it is: a job without a dot, which is no sample.
	printf '%s\n' '[warm-up]' "filename=${device[raw]}" rw=randread bs=4k iodepth=1
	while read -r load settings; do
		for name in "${names[@]}"; do
			printf '%s\n' "[$name.$load]" "filename=${device[$name]}" "${settings// /$'\n'}"
		done
	done <<-END
		randread-1 rw=randread bs=4k iodepth=1
		randwrite-1 rw=randwrite bs=4k iodepth=1
		randread-32 rw=randread bs=4k iodepth=32
		randwrite-32 rw=randwrite bs=4k iodepth=32
		read-1M rw=read bs=1M iodepth=4
		write-1M rw=write bs=1M iodepth=4
		mixed-32 rw=randrw rwmixread=70 bs=4k iodepth=32
		fsync-1 rw=randwrite bs=4k iodepth=1 fsync=1
	END
}

# Fields of fio's terse output, version 3: 3 the job, 8 reads and 49 writes a second.
samples_of() {
	local name us
	awk -F ';' '$1 == 3 && $3 ~ /[.]/ { if ($8 + $49 > 0) print $3, 1000000 / ($8 + $49); else print $3, 0 }' "$1" >per-job
	[ "$(wc -l <per-job)" = "$(grep -c "^\[.*\." loads.fio)" ] || { cat "$1" && give_up "fio has not done all of its jobs"; }
	while read -r name us; do sample "$name" us "$us"; done <per-job
}

make_devices
# In the order of the table.
names=(raw cryptsetup cryptsetup-512 default sector-4096 read-queue write-queue queues queues-4096 null null-no-queues)
loads >loads.fio
machine fio: "$(fio --version)"
for ((round = 0; round <= rounds; round++)); do
	fio --output-format=terse --terse-version=3 loads.fio >terse 2>errors || { cat terse errors && give_up fio; }
	samples_of terse
	progress "round $round of $rounds ($SECONDS s)"
done
