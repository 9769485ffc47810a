# shellcheck shell=dash # busybox ash, for which shellcheck has no name
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest of group blkback runs, from the disk that blkback.sh made for it, mounted on /t. Prints a line
# "IO NAME UNIT VALUE" for each of fio's jobs with a dot in its name, and for what each snapshot's store has taken.
. /t/settings
. /usr/lib/xen-ephemeral/ephemeral-disks.sh

give_up() {
	echo "blkback: failed: $*"
	exit 1
}

# What was never written would not be read from where it lies. The filesystems are all the same one.
prepare() {
	local disk chunk place=0
	for disk in b c d e f g; do
		dd if=/dev/zero of=/dev/xvd$disk bs=1M count=8 oflag=direct 2>/dev/null || give_up "filling xvd$disk"
	done
	mkdir -p /m/volatile /m/plain
	for disk in i/volatile j/plain; do
		dd if=/dev/xvda of="/dev/xvd${disk%/*}" bs=1M oflag=direct 2>/dev/null || give_up "copying to xvd${disk%/*}"
		mount "/dev/xvd${disk%/*}" "/m/${disk#*/}" || give_up "mount ${disk#*/}"
	done
	for chunk in $chunks; do
		dmsetup --noudevsync create "store-$chunk" --table "0 $store_sectors linear /dev/xvdh $place" &&
			ephemeral_node "store-$chunk" || give_up "store-$chunk"
		place=$((place + store_sectors))
		mkdir "/m/dmroot-$chunk"
	done
}

# The snapshots are new in each round: what a chunk costs is paid when it is first written to.
begin() {
	local chunk
	for chunk in $chunks; do
		EPHEMERAL_CHUNK=$chunk
		ephemeral_snapshot "dmroot-$chunk" xvda "mapper/store-$chunk" &&
			mount "/dev/mapper/dmroot-$chunk" "/m/dmroot-$chunk" || give_up "dmroot-$chunk"
	done
	sync
}

end() {
	local chunk
	for chunk in $chunks; do
		umount "/m/dmroot-$chunk" && dmsetup --noudevsync remove "dmroot-$chunk" || give_up "dmroot-$chunk stays"
		rm -f "/dev/mapper/dmroot-$chunk"
	done
	rm /m/*/new
	sync
}

# Fields of fio's terse output, version 3: 3 the job; KiB and milliseconds, 6 and 9 of reads, 47 and 50 of writes.
show() {
	local chunk
	awk -F ';' '$1 == 3 && $3 ~ /[.]/ {
		request = $3 ~ /-1M$/ ? 1024 : 4
		if ($6 + $47 > 0) printf "IO %s us %.2f\n", $3, ($9 + $50) * 1000 * request / ($6 + $47)
	}' /terse
	for chunk in $chunks; do
		dmsetup status "dmroot-$chunk" | sed -n "s,^.* snapshot \([0-9]*\)/.*,\1,p" |
			awk -v name="dmroot-$chunk.used" '{ print "IO", name, "KiB", $1 / 2 }'
	done
}

echo "blkback: the step's chunk: $EPHEMERAL_CHUNK"
prepare
round=0
while [ $((round += 1)) -le "$rounds" ]; do
	begin
	LD_LIBRARY_PATH=/t /t/fio --output-format=terse --terse-version=3 /t/loads.fio >/terse 2>/errors ||
		{ cat /terse /errors && give_up fio; }
	show
	end
	echo "blkback: round $round of $rounds, $(cut -d' ' -f1 /proc/uptime) s after the kernel's start"
done
