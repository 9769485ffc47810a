#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# The machine's whole memory, twice: while domains use their disks there are the two key schedules of
# each and nowhere the key as it was made; after every kind of death there is no piece of it.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh
xvdd=51760 xvde=51776
volatile="volatile:dir=$PWD,size=16M"

# What each guest does: it writes to all its disks and reads them, and then does as it is told.
# shellcheck disable=SC2016 # the guest expands it
use='for d in /dev/xvd?; do
	dd if=/dev/zero of=$d bs=64k seek=32 count=4 oflag=direct
	dd if=$d of=/dev/null bs=64k skip=32 count=4 iflag=direct
done; echo USED; read word </dev/hvc0; [ "$word" != crash ] || echo c >/proc/sysrq-trigger'

# tell NAME WORD: types it at the guest's console.
tell() { echo "$2" >"$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty")"; }

# new_guest NAME DISK...
new_guest() {
	local name=$1
	shift
	GUEST_MEMORY=128 GUEST_RUN=$use guest_config "$name" "$@"
	ok "$name: a guest starts" guest_start "$name"
}

# Kills xl, its parent, as soon as the disk is attached.
cat >/etc/xen/scripts/block-killing <<'X'
#!/bin/sh
/etc/xen/scripts/block-ephemeral "$@"
[ "$1" != add ] || kill -KILL $PPID
X
chmod 755 /etc/xen/scripts/block-killing

start_all() {
	new_guest user "$(disk rw xvdc "$volatile")" "$(disk rw xvdd "$volatile")" \
		"$(disk rw xvde "$volatile")"
	for name in poweroff destroy crash; do new_guest $name "$(disk rw xvdc "$volatile")"; done
	GUEST_MEMORY=128 GUEST_RUN=$use guest_config killed \
		"$(disk rw xvdc "$volatile" | sed 's/block-ephemeral/block-killing/')"
	guest_start killed >/dev/null 2>&1
	is "$?" 137 "killed: xl create is killed when the disk is attached"
	for name in user poweroff destroy crash; do
		ok "$name: it uses its disks" guest_wait_for_text $name USED 120
	done
}

# Controls: a mapping under a key that is known here, and a process that holds 64 bytes that are.
start_controls() {
	local loop hex
	truncate -s 16M control.img
	loop=$(losetup -f --show control.img)
	hex=$(head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	control_sum=$(md5sum <<<"$hex" | cut -d' ' -f1)
	dmsetup create sample-known --table "0 32768 crypt aes-xts-plain64 $hex 0 $loop 0"
	dd if=/dev/zero of=/dev/mapper/sample-known bs=64k count=1 oflag=direct status=none
	held=$(head -c 1000 /dev/urandom | LC_ALL=C tr -d '\0\n' | head -c 64)
	held_hex=$(printf %s "$held" | od -An -v -tx1 | tr -d ' \n')
}

# add_disk NAME MAPPING: what the scan is told of a disk, into words.
add_disk() {
	local store head
	store=$(store_of "$(device_of "$2")")
	head=$(dd if="$store" bs=4096 count=1 iflag=direct status=none | head -c 16 | od -An -v -tx1 |
		tr -d ' \n')
	if [ ${#head} = 32 ]; then words+=("disk:$1=$head"); else fail_with "$1: has a disk ($2 on $store)"; fi
}

# name_disks: what each disk is going to die of.
name_disks() {
	local name domid
	words=("raw:held=$held_hex")
	domid=$(xl domid user)
	add_disk detach "$(mapping_of "$domid" $xvdc)"
	add_disk deleted "$(mapping_of "$domid" $xvdd)"
	add_disk wipe "$(mapping_of "$domid" $xvde)"
	for name in poweroff destroy crash killed; do
		add_disk $name "$(mapping_of "$(xl domid $name)" $xvdc)"
	done
	add_disk control sample-known
}

# said PREFIX: the scan's lines that begin so.
said() { printf '%s\n' "${answer[@]}" | grep -E -e "^$1"; }

# pieces NAME: where there are bytes of a disk's key or of its schedules.
pieces() { printf '%s\n' "${answer[@]}" | grep -A4 -E "^piece $1(\.[12])? "; }

# together NAME: all of a disk's pieces are in one KiB: the cipher's own context, two schedules of which
# there is one for each direction.
together() {
	local offset low='' high=''
	for offset in $(said "piece $1(\.[12])? " | cut -d' ' -f5); do
		[ -n "$low" ] && ((offset > low)) || low=$((offset))
		[ -n "$high" ] && ((offset < high)) || high=$((offset))
	done
	[ -n "$low" ] && ((high - low < 1024)) && return
	pieces "$1"
	return 1
}

scan() {
	machine_memory "$@" && return
	printf '%s\n' "${answer[@]}" | tail -n 20 | diag
	bail "the scan failed"
}

all='detach deleted wipe poweroff destroy crash killed'

check_alive() {
	local name
	is "$(said 'schedules ')" "schedules 16" "alive: two AES-256 schedules for each of eight disks"
	is "$(said 'strange ')" "strange 0" "alive: and no other"
	for name in $all; do
		like "$(said "disk $name ")" "^disk $name 2 " "alive: $name: its two schedules are found"
		is "$(said "piece $name 0 64 ")" "" "alive: $name: nowhere are its key's 64 bytes in a row"
		ok "alive: $name: and no piece of it is outside of its cipher's context" together "$name"
	done
	is "$(said 'disk control ')" "disk control 2 $control_sum" "the scan finds a key that is known"
	like "$(said 'piece held 0 64 ')" "^piece" "and 64 bytes that a process holds"
}

# die: each disk's end, and that dom0 has let go of it.
die() {
	local domid=$1
	tell poweroff now
	tell crash crash
	ok "xl destroy" xl destroy destroy
	ok "xl destroy of the domain whose xl create was killed" xl destroy killed
	ok "xl block-detach --force" xl block-detach --force user xvdc
	ok "the backend path is deleted" xenstore-rm "/local/domain/0/backend/vbd/$domid/$xvdd"
	ok "poweroff: the guest ends" guest_gone poweroff 60
	ok "crash: the guest ends" guest_gone crash 60
	one_left() { [ "$(dmsetup ls | grep -c xeneph)" = 1 ]; }
	ok "of all their mappings one is left" wait_for 30 one_left
	like "$(dmsetup info "$wiped")" "Open count: +1" "it is in use"
	ok "xen-ephemeral wipe" xen-ephemeral wipe "$domid"
	like "$(dmsetup table "$wiped")" "error" "it has no key any more"
	like "$(dmsetup info "$wiped")" "Open count: +1" "and is in use still"
}

check_dead() {
	local name
	is "$(said 'schedules ')" "schedules 2" "dead: two AES-256 schedules are left"
	is "$(said 'disk control ')" "disk control 2 $control_sum" "dead: the control's"
	like "$(said 'piece held 0 64 ')" "^piece" "dead: 64 bytes that a process holds are found"
	for name in $all; do
		like "$(said "disk $name ")" "^disk $name 0 " "after $name: no schedule"
		is "$(pieces "$name")" "" "after $name: no 16 bytes of its key or of its schedules"
	done
}

start_all
start_controls
name_disks
wiped=$(mapping_of "$(xl domid user)" $xvde)
scan "${words[@]}"
check_alive
die "$(xl domid user)"
scan
check_dead
xl destroy user
dmsetup remove sample-known
