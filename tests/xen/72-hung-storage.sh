#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# Storage that stops to answer while a guest writes: detach, forced detach, wipe and destroy come back,
# say so, and the key goes once the requests in flight have ended.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

truncate -s 32M disk.img
disk=$(losetup -f --show disk.img)
dmsetup create slow --table "0 65536 linear $disk 0"
before=$(host_state)
on_slow() { disk rw "$1" volatile:dev=/dev/mapper/slow; }

# hang DEVID: from here on no request of that disk ends.
hang() {
	mapping=$(mapping_of "$domid" "$1")
	device=$(device_of "$mapping")
	dmsetup suspend slow
	ok "the guest's writes hang" wait_for 60 in_flight "$device"
}

# in_time NAME COMMAND...: the command ends by itself, sooner than its last deadline (30 s) would end it. The waits in it
# add up to 22 s, xl's and the script's; what programs take beside that is longer on a busy machine.
in_time() {
	local name=$1 started=$SECONDS took
	shift
	output=$(timeout $((120 * ${PATIENCE:-1})) "$@" 2>&1)
	status=$?
	took=$((SECONDS - started))
	[ "$took" -lt $((28 * ${PATIENCE:-1})) ] && [[ $output != *"gave up, no answer in time"* ]] && pass "$name ($took s)" ||
		fail_with "$name" "it took $took s: $output"
}

says_so() {
	like "$output" "cannot wipe the encrypted device $mapping: .*its storage does not answer; the key goes" \
		"and says that the storage does not answer"
	like "$(dmsetup info "$mapping")" "ACTIVE \(DEFERRED REMOVE\)" "the mapping stays armed"
}

# answers NAME: the storage does again.
answers() {
	dmsetup resume slow
	nothing_left "$1, once the storage answers" "$before"
	closed() { [ "$(dmsetup info -c --noheadings -o open slow)" = 0 ]; }
	wait_for 10 closed
	is "$(dmsetup info -c --noheadings -o open slow)" 0 "$1: nobody has the store open"
}

# The guest writes to each disk that it has, each by a process of its own: one that hangs stops no other.
GUEST_RUN='for d in c d e f; do while sleep 0.3; do [ ! -b /dev/xvd$d ] ||
dd if=/dev/zero of=/dev/xvd$d bs=4096 count=1 oflag=direct 2>/dev/null; done & done; wait' \
	guest_config writer "$(on_slow xvdc)"
ok "a guest over that storage starts" guest_start writer
ok "it is up" guest_wait_for_text writer "guest: up" 120
domid=$(xl domid writer)

hang $xvdc
in_time "xl block-detach comes back" xl block-detach writer xvdc
says_so
fails "the store cannot be had by another disk meanwhile" \
	xl block-attach writer "$(on_slow xvdd)"
xl block-detach --force writer xvdd >/dev/null 2>&1
vbd_make 95 $xvdc w "volatile:dir=$PWD,size=16M"
ok "a disk over other storage attaches meanwhile" vbd_run add 95 $xvdc
vbd_drop 95 $xvdc
ok "and detaches" vbd_run remove 95 $xvdc
answers "after block-detach"

ok "the guest gets another disk over that storage" xl block-attach writer "$(on_slow xvdd)"
hang $((xvdc + 16))
in_time "xl block-detach --force comes back" xl block-detach --force writer xvdd
says_so
answers "after block-detach --force"

ok "a third disk" xl block-attach writer "$(on_slow xvde)"
hang $((xvdc + 32))
in_time "xen-ephemeral wipe comes back" xen-ephemeral wipe writer
says_so
is "$status" 1 "it fails"
like "$(dmsetup table "$mapping")" " crypt " "the key is still there"
dmsetup resume slow
ok "once the storage answers, wipe works" xen-ephemeral wipe writer
like "$(dmsetup table "$mapping")" "^0 65536 error *\$" "the key is gone"
is "$(dmsetup info -c --noheadings -o open slow)" 0 "and the store is free, with the disk still attached"
ok "xl block-detach of what was wiped" xl block-detach writer xvde
nothing_left "after wipe" "$before"

ok "a fourth disk" xl block-attach writer "$(on_slow xvdf)"
hang $((xvdc + 48))
in_time "xl destroy comes back" xl destroy writer
says_so
ok "the domain has no name any more" guest_absent writer
is "$(grep -c "its storage does not answer" /var/log/syslog)" 3 "syslog has what the scripts said"
in_time "wipe of the dead domain comes back" xen-ephemeral wipe "$domid"
says_so
in_time "sweep comes back" xen-ephemeral sweep
is "$status" 3 "and says that something is left"
xen-ephemeral status >status.out
is "$?" 3 "so does status"
like "$(cat status.out)" "$mapping|$domid" "which names it"
answers "after destroy"
ok "status has nothing to say any more" xen-ephemeral status
domain_gone() { ! xl list | grep -q "^[^ ]* *$domid "; }
ok "the domain is gone from Xen" wait_for 20 domain_gone
dmsetup remove slow
losetup -d "$disk"
