#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make demo`: runs in dom0 of the emulated Xen host. A disposable domain from start to end, told to a
# person; the exit status is 0 only if every line that is checked holds.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

failed=0 step=0 started=$SECONDS

section() { step=$((step + 1)) && printf '\n%s. %s\n' "$step" "$*"; }
note() { printf '   %s\n' "$*"; }
progress() { printf '   ... %s (%s s)\n' "$*" "$((SECONDS - started))"; }

# check TEXT COMMAND...: the text, and whether the command succeeds.
check() {
	local text=$1
	shift
	if "$@" >/dev/null 2>&1; then printf '   [ ok ] %s\n' "$text"; else
		printf '   [FAIL] %s\n' "$text"
		failed=$((failed + 1))
	fi
}

give_up() {
	printf '   [FAIL] %s\n' "$*"
	guest_console disposable 2>/dev/null | tail -n 20 | sed 's/^/   | /'
	exit 1
}

make_images() {
	section "Two ordinary disk images"
	image_root root.img 64
	image_private private.img 32
	sums=$(md5sum root.img private.img)
	printf '%s\n' "$sums" | sed 's/^/   /'
}

start_domain() {
	section "A disposable domain: xl create"
	GUEST_MEMORY=220 GUEST_EXTRA="rw marker=$marker hold=forever" guest_config disposable \
		"$(disk ro xvda "$PWD/root.img")" "$(disk ro xvdb "$PWD/private.img")" \
		"$(disk rw xvdc "volatile:dir=$PWD,size=200M")"
	sed -n '/^disk/,/^\]/p' "$guest_dir/disposable.cfg" | sed "s|$PWD|/images|; s/^/   /"
	progress "starting it"
	guest_start disposable >/dev/null 2>&1 || give_up "xl create"
	progress "the guest maps its disks and writes its marker to /, to /rw and to swap"
	guest_wait_for_text disposable "GUEST READY" 120 >/dev/null || give_up "the guest's markers"
	domid=$(xl domid disposable)
	mapping=$(mapping_of "$domid" $xvdc)
	mapper=/dev/$(basename "$(readlink "/dev/mapper/$mapping")")
	store=$(store_of "$mapper")
}

show_guest() {
	section "What the guest sees"
	guest_console disposable |
		grep -E '^(GUEST marker|Filesystem|/dev/.*%)|xen-ephemeral:' | sed 's/^/   /'
	check "/ is written through dmroot" guest_printed disposable "GUEST marker / written, /dev/mapper/dmroot"
	check "/rw is written through dmhome" guest_printed disposable "GUEST marker /rw written, /dev/mapper/dmhome"
	check "swap is written" guest_printed disposable "GUEST marker swap written"
}

# show_disk NAME DEVID ROLE BEHIND
show_disk() {
	local mode device loop
	mode=$(cat "/sys/bus/xen-backend/devices/vbd-$domid-$2/mode")
	device=$(basename "$(readlink "/sys/dev/block/$(vbd_device "$2")")")
	loop=-
	case $device in loop*) loop=$(cat "/sys/class/block/$device/ro") ;; esac
	printf '   %-5s %-10s %-26s %-8s %-13s %s\n' "$1" "$3" "$4" "$device" "$mode" "$loop"
}

# vbd_device DEVID: "MAJOR:MINOR" in decimal.
vbd_device() {
	local numbers
	IFS=: read -r -a numbers <"/sys/bus/xen-backend/devices/vbd-$domid-$1/physical_device"
	echo "$((16#${numbers[0]})):$((16#${numbers[1]}))"
}

read_only_disk() { # DEVID IMAGE
	[ "$(cat "/sys/bus/xen-backend/devices/vbd-$domid-$1/mode")" = r ] &&
		[ "$(losetup --noheadings -l -O RO "$(losetup -j "$PWD/$2" | cut -d: -f1)" | tr -d ' ')" = 1 ]
}

show_disks() {
	section "The domain's disks, as dom0's kernel has them"
	printf '   %-5s %-10s %-26s %-8s %-13s %s\n' disk role "what is behind it" device "blkback mode" "loop read-only"
	show_disk xvda $xvda read-only root.img
	show_disk xvdb $xvdb read-only private.img
	show_disk xvdc $xvdc volatile "encrypted, unnamed file"
	check "xvda: blkback and the loop device both refuse to write" read_only_disk $xvda root.img
	check "xvdb: blkback and the loop device both refuse to write" read_only_disk $xvdb private.img
	note "the mapping under xvdc, with --showkeys:"
	note "$(dmsetup table --showkeys "$mapping")"
	note "$(dmsetup info "$mapping" | grep State), opened by $(dmsetup info -c --noheadings -o open "$mapping") (blkback)"
	check "the table names a key and does not hold it" eval \
		'[[ $(dmsetup table --showkeys "$mapping") =~ aes-xts-plain64\ :64:logon:xeneph: ]]'
	check "the key is in no keyring" eval '! grep -q xeneph /proc/keys'
	check "it will remove itself on its last close" eval '[[ $(dmsetup info "$mapping") =~ DEFERRED\ REMOVE ]]'
}

none_in() { [ "$(count_in "$marker" "$1")" = 0 ]; }

search() {
	section "Where is the marker $marker?"
	sync
	note "through the mapping: $(count_in "$marker" "$mapper") times"
	check "found through the mapping" eval '[ "$(count_in "$marker" "$mapper")" -gt 0 ]'
	progress "reading every byte of the store and of both images"
	check "in none of the $(blockdev --getsize64 "$store") bytes of the store" none_in "$store"
	check "in none of the $(stat -c %s root.img) bytes of root.img" none_in root.img
	check "in none of the $(stat -c %s private.img) bytes of private.img" none_in private.img
}

finish() {
	section "The domain ends"
	xl shutdown disposable >/dev/null 2>&1
	guest_gone disposable 60 >/dev/null || give_up "the guest's poweroff"
	wait_for 10 eval '[ "$(host_state)" = "$before" ]'
	note "mappings: $(dmsetup ls | grep -c xeneph)   loop devices: $(losetup -a | wc -l)   keys: $(grep -c xeneph /proc/keys)   files: $(find . -type f | sort | tr '\n' ' ')"
	check "nothing is left of it" eval '[ "$(host_state)" = "$before" ]'
	check "both images are what they were (md5)" eval '[ "$(md5sum root.img private.img)" = "$sums" ]'
}

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
echo "xen-ephemeral: a disposable domain, from start to end"
note "Xen $(xl info xen_version), Linux $(uname -r) in dom0, all emulated on this machine"
before=$(host_state)
make_images
start_domain
show_guest
show_disks
search
finish
echo
if [ "$failed" = 0 ]; then echo "Every line holds."; else echo "$failed lines do not hold."; fi
[ "$failed" = 0 ]
