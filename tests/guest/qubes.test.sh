# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the /init of a Qubes kernel's initramfs does beside the step: the decision leaves nothing behind,
# and each part of our way does one thing or says why not.
#
# shellcheck disable=SC2317 # functions that the step calls
. ./lib.sh
QUBES_STEP=../../guest/ephemeral-disks.sh QUBES_ROOT=$T/root QUBES_MODULES=$T/modules
# shellcheck source=guest/qubes-steps.sh
. ../../guest/qubes-steps.sh

note() { echo "$*" | sed -e "s#$T##g" -e 's/ $//' >>"$T/log"; }
calls() { cat "$T/log"; }
modprobe() { note modprobe "$@"; }
mount() { note mount "$@"; }
# /dev cannot be unmounted by who has its null open.
umount() { note umount "$@" "$(readlink /proc/self/fd/2 | sed -n 's#^/dev/null$#beside an open /dev/null#p')"; }
switch_root() { :; }
uname() { echo 6.1; }

# fresh: no disks, an empty root, nothing called.
fresh() {
	no_disks
	rm -rf "$T/root" "$T/modules"
	mkdir -p "$T/root/etc" "$T/root/lib" "$T/proc"
	: >"$T/log"
	: >"$T/proc/mounts"
	echo "root=/dev/mapper/dmroot ro" >"$T/proc/cmdline"
}

# --- the decision
mounted="mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
modprobe -q xenblk"
gone="umount /dev
umount /sys
umount /proc"
decides() { # NAME WANTED ROOT PRIVATE
	fresh
	disk xvda "$3" 2048
	disk xvdb "$4" 2048
	is "decide: $1" "$2" "$(status qubes_decide)"
}
decides "both read-only" 0 1 1
is "decide: and everything is mounted" "$mounted" "$(calls)"
for disks in "0 0" "0 1" "1 0"; do
	# shellcheck disable=SC2086 # two words
	decides "read-only: $disks" 1 $disks
	is "decide: $disks leaves nothing mounted" "$mounted
$gone" "$(calls)"
done
fresh
disk xvda 1 2048
vbd 51712 xvda
is "decide: no private disk" 1 "$(status qubes_decide)"
like "decide: no private disk leaves nothing mounted" "*$gone" "$(calls)"
fresh
disk xvda 1 2048
disk xvdb 1 2048
printf '%s\n' "proc $T/proc proc rw 0 0" >"$T/proc/mounts"
qubes_decide
is "decide: what is mounted already is not mounted again" "" "$(grep ' proc ' "$T/log")"
is "decide: a program is missing" "1 " "$(
	: >"$T/log"
	qubes_able() { false; }
	echo "$(status qubes_decide) $(calls)"
)"
is "decide: it cannot mount" 1 "$(
	mount() { false; }
	status qubes_decide
)"

# --- the command line
settings() { # WORD...
	fresh
	echo "$*" >"$T/proc/cmdline"
	(EPHEMERAL_TIMEOUT=30 && qubes_settings && echo "$qubes_mode $qubes_real_init $EPHEMERAL_TIMEOUT")
}
is "settings: none" "ro /sbin/init 30" "$(settings root=x quiet)"
is "settings: all" "rw /bin/x 7" "$(settings ro rw init=/bin/x ephemeral.timeout=7)"
is "settings: not a number" "ro /sbin/init 30" "$(settings "ephemeral.timeout=7s *")"
is "settings: what is init's own" "ro /sbin/init 30" "$(settings ro -- rw)"

# --- page scrubbing
fresh
qubes_scrub_pages
mkdir -p "$T/sys/devices/system/xen_memory/xen_memory0"
echo 0 >"$T/sys/devices/system/xen_memory/xen_memory0/scrub_pages"
qubes_scrub_pages
is "scrubbing is on" 1 "$(cat "$T/sys/devices/system/xen_memory/xen_memory0/scrub_pages")"

# --- the partition table
is "gpt: no gptfix" "none" "$(qubes_gpt)"
gptfix() {
	note gptfix "$@"
	echo "the reason" >&2
	return "$gpt"
}
for pair in 0:good 4:none 5:none 8:none 7:other; do
	gpt=${pair%:*}
	is "gpt: gptfix says $gpt" "${pair#*:}" "$(qubes_gpt 2>&1)"
done
for gpt in 1 2 3 6; do
	is "gpt: gptfix says $gpt" "xen-ephemeral: cannot use the partition table of xvda: the reason" "$(qubes_gpt 2>&1)"
done
is "gpt: xvda is never repaired" "" "$(grep 'gptfix fix' "$T/log")"

sfdisk() {
	printf '%s\n' "label: gpt" "unit: sectors" "sector-size: $sector" "" \
		"$T/x1 : start=        256, size=         512, type=0FC6, name=\"Other\"" \
		"$T/x3 : start=       1000, size=       10, type=0FC6, uuid=5DCE" "$1$named" | sed 's/^--dump//'
}
sector=512 named=''
is "table: the third" "1000 10" "$(qubes_table_root disk)"
named="$T/x12 : start=   2048, size=   4096, type=0FC6, uuid=6932, name=\"Root filesystem\""
is "table: the one with the label" "2048 4096" "$(qubes_table_root disk)"
sector=4096
is "table: sectors of 4096 bytes" "16384 32768" "$(qubes_table_root disk)"
sfdisk() { false; }
is "table: none" 1 "$(status qubes_table_root disk)"

# qubes_split with everything that it calls.
fresh
mkdir -p "$T/dev/mapper"
sfdisk() { echo "$T/x3 : start=8, size=16, type=L"; }
dmsetup() { note dmsetup "$@"; }
mapping dmdisk 3
mapping dmroot 4
gpt=0
is "split: succeeds" 0 "$(status qubes_split)"
is "split: the table is repaired on the snapshot, whose partition is dmroot" \
	"dmsetup --noudevsync rename dmroot dmdisk
gptfix fix /dev/mapper/dmdisk
dmsetup --noudevsync create dmroot --table 0 16 linear /dev/mapper/dmdisk 8" "$(grep -v mknodes "$T/log")"
gpt=1
is "split: cannot be repaired" "xen-ephemeral: cannot repair the partition table on dmdisk: the reason" \
	"$(qubes_split 2>&1)"

# --- kernel modules
fresh
mkdir -p "$T/root/lib/modules/6.1/kernel"
is "modules: the root has them" "0 " "$(status qubes_modules) $(calls)"

bring() { # with xvdd and no modules on the root
	fresh
	disk xvdd 1 2048
	mkdir -p "$T/modules/6.1"
	rmdir() { note rmdir "$@"; }
	"$@"
	said=$(qubes_modules 2>&1)
	status=$?
}
bring true
is "modules: succeeds in silence" "0 " "$status $said"
is "modules: an overlay" "mount -t ext3 -o ro /dev/xvdd /modules
modprobe -q overlay
mount -t overlay none /root/lib/modules -o lowerdir=/modules,upperdir=/root/lib/modules,workdir=/root/lib/.modules_work
umount /modules
rmdir /modules" "$(calls)"
no_overlay() {
	modprobe() { note modprobe "$@" && false; }
	echo "nodev tmpfs" >"$T/proc/filesystems"
}
bring no_overlay
is "modules: one directory without it" "0 mount --bind /modules/6.1 /root/lib/modules/6.1" "$status $(grep bind "$T/log")"
modprobe() { note modprobe "$@"; }
absolute_lib() {
	command rmdir "$T/root/lib"
	mkdir -p "$T/root/usr/lib"
	ln -s /usr/lib "$T/root/lib"
}
bring absolute_lib
like "modules: a link is the root's" "*mount -t overlay none /root/usr/lib/modules -o *" "$(calls)"
other_version() {
	command rmdir "$T/modules/6.1"
}
bring other_version
is "modules: xvdd has others" "1 xen-ephemeral: cannot use the kernel's modules: none for 6.1 on xvdd" "$status $said"
fresh
is "modules: no xvdd" "xen-ephemeral: cannot bring in the kernel's modules: none for 6.1 on the root, and disk not found: xvdd" \
	"$(qubes_modules 2>&1)"
ok "modules: no xvdd: in bounded time" test "$(elapsed)" -le 31

# --- the end
is "stop: says so and ends" "1 poweroff -f" "$(
	: >"$T/log"
	poweroff() { note poweroff "$@"; }
	status eval '(qubes_stop)'
) $(calls)"
is "no init on the root" "xen-ephemeral: no /sbin/init on the root" "$(qubes_real_init=/sbin/init; qubes_has_init 2>&1)"
echo end
