#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# PVH domains with an initramfs of the Qubes "simple" kind that was made ready: with root and private both
# read-only they go our way, with modules from xvdd where the root has none; in every other combination
# the stock /init boots as if ours were not there. A disk that is missing or too small ends the domain.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

version=$(uname -r)
qubes=/guest/qubes

# The demo's root, whose init first says what it was given.
tree_root() { # TREE [MODULES]
	mkdir -p "$1"/{bin,sbin,etc,dev,proc,sys,run,rw,tmp,lib/modules}
	cp "$(command -v busybox)" "$1/bin/busybox"
	cp /usr/lib/xen-ephemeral-tests/demo-init "$1/sbin/demo-init"
	ln -s ../bin/busybox "$1/sbin/poweroff"
	printf '%s\n' '/dev/mapper/dmroot / ext4 defaults 0 1' '/dev/xvdb /rw ext4 defaults 0 0' \
		'/dev/xvdc1 none swap defaults 0 0' >"$1/etc/fstab"
	[ -z "${2:-}" ] || { mkdir -p "$1/lib/modules/$version/kernel" && echo "the root" >"$1/lib/modules/$version/whose"; }
	cat >"$1/sbin/init" <<-'I'
	#!/bin/busybox sh
	b=/bin/busybox
	$b mount -t proc proc /proc
	$b mount -t sysfs sysfs /sys
	echo "GIVEN root $($b sed -n 's#^\([^ ]*\) / [^ ]* \(r[ow]\).*#\1 \2#p' /proc/mounts | $b tail -n 1)"
	echo "GIVEN modules of $($b cat /lib/modules/*/whose)"
	echo "GIVEN scrubbing $($b cat /sys/devices/system/xen_memory/xen_memory0/scrub_pages)"
	echo "GIVEN disks $($b ls /sys/block | $b tr "\n" " ") $($b cat /sys/block/dm-*/dm/name | $b tr "\n" " ")"
	echo "GIVEN mounts $($b cut -d' ' -f2,3 /proc/mounts | $b tr '\n' ';')"
	$b umount /sys
	$b umount /proc
	exec /sbin/demo-init
	I
	chmod 755 "$1/sbin/init"
}

mkdir images && cd images || bail "no folder"
tree_root bare && tree_root full modules
truncate -s 64M root.img && mkfs.ext4 -q -F -d bare root.img
truncate -s 2G large.img && mkfs.ext4 -q -F -d full large.img
image_private private.img 32

# A disk whose root is the second partition, under a table for sectors of SECTOR bytes.
image_gpt() { # FILE SECTOR
	local loop
	truncate -s 96M "$1"
	loop=$(losetup -f --show -b "$2" "$1")
	printf '%s\n' 'label: gpt' 'start=1MiB, size=2MiB, type=L, name="Other"' \
		'start=4MiB, size=64MiB, type=L, name="Root filesystem"' | sfdisk -q "$loop"
	losetup -d "$loop"
	dd if="$3" of="$1" bs=1M seek=4 conv=notrunc,sparse status=none
}
truncate -s 64M part.img && mkfs.ext4 -q -F -b 4096 -d full part.img
image_gpt gpt.img 512 part.img
image_gpt gpt4k.img 4096 part.img
mkdir -p "modules/$version/kernel" && echo "xvdd" >"modules/$version/whose"
truncate -s 8M modules.img && mkfs.ext3 -q -F -d modules modules.img
sums=$(md5sum root.img private.img gpt.img gpt4k.img modules.img)
for n in 1 2 3; do cp root.img "w$n.img" && cp private.img "p$n.img"; done
truncate -s 300M plain1.img plain2.img plain3.img plain4.img plain5.img
truncate -s 4M small.img

ro() { disk ro "$1" "$PWD/$2"; }
rw() { plain "$1" "$PWD/$2"; }
volatile() { disk rw xvdc "volatile:dir=$PWD,size=${1:-200M}"; }

# begin NAME INITRAMFS DISK...: starts it; what xl says with every detail is in NAME.xl.
begin() {
	local name=$1 initramfs=$2
	shift 2
	GUEST_MEMORY=170 GUEST_RAMDISK=$qubes/$initramfs GUEST_EXTRA="ro marker=M-$name hold=0 word=for-init word-for-init ephemeral.timeout=60 xen_scrub_pages=0" \
		guest_config "$name" "$@"
	: >"/var/log/xen/console/guest-$name.log"
	if xl -vvv create "$guest_dir/$name.cfg" >"$name.xl" 2>&1; then pass "$name: xl create"; else
		fail_with "$name: xl create" "$(tail -n 5 "$name.xl")"
	fi
}
clean_load() { unlike "$(cat "$1.xl")" 'xc: error|panic:' "$1: no error line from libxc"; }
done_with() { guest_gone "$1" "${2:-120}" && pass "$1: the guest ends" || fail_with "$1: the guest ends"; }

ours() { # NAME ROOT-MODULES
	local console
	done_with "$1"
	clean_load "$1"
	console=$(guest_console "$1")
	unlike "$console" "STOCK" "$1: the stock init did not run"
	like "$console" "GIVEN root /dev/mapper/dmroot ro" "$1: the root is dmroot, handed over read-only"
	like "$console" "GIVEN modules of $2" "$1: modules are those of $2"
	like "$console" "GIVEN scrubbing 1" "$1: pages are scrubbed again"
	like "$console" "GUEST marker / written, /dev/mapper/dmroot rw" "$1: the root is written through dmroot"
	like "$console" "GUEST marker /rw written, /dev/mapper/dmhome rw" "$1: private through dmhome"
	like "$console" "GUEST marker swap written" "$1: and there is swap"
}

# What it says that it was given; our files in / and its own marker aside, and how much memory there is.
stock_words() {
	guest_console "$1" | grep "^STOCK [iem]" | sed -e "s/M-$1//" -e 's/\.xen-ephemeral//' -e 's/ init\.stock//' \
		-e 's/size=[0-9]*k,nr_inodes=[0-9]*,//' -e 's/ \{2,\}/ /g'
}

stock() { # NAME ROOT PRIVATE
	local console
	done_with "$1"
	clean_load "$1"
	console=$(guest_console "$1")
	unlike "$console" "xen-ephemeral: root and private" "$1: it is not our way"
	like "$console" "STOCK hands over" "$1: the stock init booted it"
	like "$console" "GUEST marker / written, $2" "$1: the root is $2"
	like "$console" "GUEST marker /rw $3" "$1: private is $3"
}

stops() { # NAME MESSAGE
	local console
	done_with "$1" 90
	console=$(guest_console "$1")
	like "$console" "$2" "$1: the console says why"
	unlike "$console" "STOCK|GIVEN" "$1: and nothing is booted"
}

before=$(host_state)
own='/dev/(xvda|mapper/dmroot)' # the one name is a link to the other

# One at a time: with several, QEMU's emulation of SVM now and then gives a guest Xen's own registers,
# and it ends in a triple fault.
begin modules prepared "$(ro xvda root.img)" "$(ro xvdb private.img)" "$(volatile)" "$(ro xvdd modules.img)"
ours modules xvdd
begin gpt4k prepared "$(ro xvda gpt4k.img)" "$(ro xvdb private.img)" "$(volatile)"
ours gpt4k "the root"
like "$(guest_console gpt4k)" "dmdisk" "gpt4k: the table was repaired on a snapshot of the disk"
begin gpt prepared "$(ro xvda gpt.img)" "$(ro xvdb private.img)" "$(volatile)"
ours gpt "the root"
begin large prepared "$(ro xvda large.img)" "$(ro xvdb private.img)" "$(volatile 2300M)"
ours large "the root"
begin plain stock "$(rw xvda w1.img)" "$(rw xvdb p1.img)" "$(rw xvdc plain1.img)" "$(ro xvdd modules.img)"
stock plain "$own rw" "written, /dev/xvdb rw"
begin rwrw prepared "$(rw xvda w2.img)" "$(rw xvdb p2.img)" "$(rw xvdc plain2.img)" "$(ro xvdd modules.img)"
stock rwrw "$own rw" "written, /dev/xvdb rw"
begin rwro prepared "$(rw xvda w3.img)" "$(ro xvdb private.img)" "$(rw xvdc plain3.img)" "$(ro xvdd modules.img)"
stock rwro "$own rw" "refused"
begin rorw prepared "$(ro xvda root.img)" "$(rw xvdb p3.img)" "$(rw xvdc plain4.img)" "$(ro xvdd modules.img)"
stock rorw "/dev/mapper/dmroot rw" "written, /dev/xvdb rw"
begin noprivate prepared "$(ro xvda root.img)" "$(rw xvdc plain5.img)" "$(ro xvdd modules.img)"
stock noprivate "/dev/mapper/dmroot rw" "refused"
begin nostore prepared "$(ro xvda root.img)" "$(ro xvdb private.img)" "$(ro xvdd modules.img)"
stops nostore "cannot map the disks: disk not found: xvdc"
begin small prepared "$(ro xvda root.img)" "$(ro xvdb private.img)" "$(rw xvdc small.img)" "$(ro xvdd modules.img)"
stops small "cannot partition xvdc: 4096 KiB is too small"
begin nomodules prepared "$(ro xvda root.img)" "$(ro xvdb private.img)" "$(volatile)"
stops nomodules "none for $version on the root, and disk not found: xvdd"

isnt "$(count_in M-rwrw w2.img)" 0 "rwrw: what it wrote is in its own root image"
isnt "$(count_in M-rwro w3.img)" 0 "rwro: what it wrote is in its own root image"
isnt "$(count_in M-rorw p3.img)" 0 "rorw: what it wrote is in its own private image"

# What the stock init was given, beside what the kernel gives it in its own initramfs.
words=$(stock_words plain)
like "$words" "STOCK init as process 1, arguments: word-for-init" "the stock init is told what the kernel was told"
for name in rwrw rwro rorw noprivate; do
	is "$(stock_words $name)" "$words" "$name: it is given process, arguments, environment and mounts as without us"
done
is "$(md5sum root.img private.img gpt.img gpt4k.img modules.img)" "$sums" "all read-only images are unchanged"

plain_end
nothing_left "in the end" "$before"
