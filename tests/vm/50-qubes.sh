#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# Qubes' pool driver and extension, over a stand-in for qubesd, with the real xen-ephemeral on real dm-crypt: a disposable's volatile
# volume is opened, armed and closed, and goes whatever dies. There is no Xen, so nothing can be proved.
. /tests/lib.sh
. /tests/lib-disks.sh

tests=/usr/lib/xen-ephemeral-tests/qubes

# A qubesd; the last one is asked.
begin() {
	coproc QUBESD { PYTHONPATH=$tests exec python3 -B "$tests/drive.py" "$PWD" 2>>qubesd.err; }
	pid=$!
}
ask() {
	printf '%s\n' "$*" >&"${QUBESD[1]}"
	said=''
	read -r -t 120 said <&"${QUBESD[0]}" || said="nothing: $(tail -n 3 qubesd.err)"
}
# Kills it in the middle, and what it has open is closed by the kernel.
die() {
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
}

volume() { echo "/dev/mapper/xeneph-vol-$1-volatile@crypt"; }
field() { dmsetup info -c --noheadings -o "$2" "$(volume "$1")" 2>&1; }

modprobe loop 2>/dev/null
before=$(host_state)
begin
ask pool encrypted driver=ephemeral "dir_path=$PWD/store"
is "$said" ok "a pool over a folder that is made"
is "$(stat -c %a store)" 700 "for root alone"

for mode in pvh hvm; do
	ask disposable "$mode" "$mode" warn
	is "$said" ok "a $mode disposable"
	ask start "$mode"
	is "$said" "ok $(volume "$mode")" "its one writable disk is its volume"
	is "$(field "$mode" open)" "$([ "$mode" = hvm ] && echo 2 || echo 1)" "open by guest and stubdomain: one device"
	like "$(dmsetup info "$(volume "$mode")")" "DEFERRED REMOVE" "it is armed"
	like "$(dmsetup table --showkeys "$(volume "$mode")")" "crypt aes-xts-plain64 :64:logon:xeneph:" "AES-256-XTS, and no key in its table"
	keyless "nor in a keyring"
	ok "its first 64 KiB are zeros" cmp -n 65536 "$(volume "$mode")" /dev/zero
	yes "PLAINTEXT-OF-THE-GUEST" | head -c 1M | dd of="$(volume "$mode")" bs=64k seek=16 oflag=direct status=none
	store=$(store_of "$(device_of "$(volume "$mode")")")
	is "$(head -c 64M "$store" | grep -c PLAINTEXT-OF-THE-GUEST)" 0 "what is written is not in the store"
	ask usage "$mode"
	like "$said" '^ok [0-9]{7}$' "usage is what was written"
	ask kill "$mode"
	is "$said" ok "it ends"
	nothing_left "a $mode disposable" "$before"
done

# The next start has another key.
ask start pvh
is "$(head -c 64M "$(volume pvh)" | grep -c PLAINTEXT-OF-THE-GUEST)" 0 "the next start reads nothing of the last"
ask kill pvh

# qubesd dies with its domains: what is armed needs nobody.
ask start hvm
ok "it runs" test -b "$(volume hvm)"
die
nothing_left "qubesd and the domain are killed" "$before"

# qubesd dies before the domain has the device. The next one closes it, as it does for each domain that does not run.
begin
ask pool encrypted driver=ephemeral "dir_path=$PWD/store"
ask disposable left pvh warn
ask open left
is "$said" "ok $(volume left)" "a volume is open that no domain has yet"
first=$(dmsetup table --showkeys "$(volume left)")
ask open left
is "$said:$(dmsetup table --showkeys "$(volume left)")" "ok $(volume left):$first" "opened once more it is the same"
printf 'FROM-BEFORE' | dd of="$(volume left)" conv=fsync,notrunc status=none
die
ok "qubesd is killed: it is still there" test -b "$(volume left)"
begin
ask pool encrypted driver=ephemeral "dir_path=$PWD/store"
ask disposable left pvh warn
ask start left
# udev may take away the link to the device that was left when the one to the new device, of the same number, is due.
udevadm settle --timeout=120
ok "a start does not meet what was left" cmp -n 65536 "$(volume left)" /dev/zero
ask kill left
ask open left
die
begin
ask pool encrypted driver=ephemeral "dir_path=$PWD/store"
ask disposable left pvh warn
ask close left
is "$said" ok "stopped by the next qubesd"
nothing_left "it" "$before"
ask close left
is "$said" ok "stopped twice"

# In use by somebody else still.
ask open left
exec 7<>"$(volume left)"
ask close left
is "$said" ok "stopped while it is open"
like "$(dmsetup table "$(volume left)")" "error *\$" "its key is gone"
ask start left
like "$said" "^error .*it was wiped and is still in use" "a start fails, and says why"
exec 7>&-
nothing_left "what had it open" "$before"

# Without Xen the promise cannot be proved: the answer that is not configured otherwise is to kill.
ask disposable closed pvh kill
ask start closed
like "$said" "^error xen-ephemeral verify failed: .*cannot talk to Xen" "what is not proved does not run"
ask there closed
is "$said" "ok True" "and a named disposable is still there"
nothing_left "it" "$before"

# The store is a volume of another pool: a file, a block device.
for driver in stock loop; do
	ask pool "store-$driver" "driver=$driver" "dir_path=$PWD/$driver-files"
	ask pool "over-$driver" driver=ephemeral "store_pool=store-$driver"
	ask disposable "$driver" hvm warn
	ask start "$driver"
	is "$said" "ok $(volume "$driver")" "over a volume of driver $driver"
	like "$(dmsetup info "$(volume "$driver")")" "DEFERRED REMOVE" "it is armed"
	is "$(field "$driver" open)" 2 "and open by both"
	yes "PLAINTEXT-OF-THE-GUEST" | head -c 1M | dd of="$(volume "$driver")" bs=64k seek=16 oflag=direct status=none
	sync
	is "$(cat "$driver-files"/* | grep -c PLAINTEXT-OF-THE-GUEST)" 0 "what is written is not in the store"
	isnt "$(head -c 2M "$driver-files/$driver-volatile.img" | tail -c 1M | tr -d '\0' | wc -c)" 0 "ciphertext is"
	ask kill "$driver"
	is "$said" ok "it ends"
	nothing_left "it" "$before"
	is "$(ls "$driver-files")" "" "the store too"
done

# No room for it.
ask pool full driver=ephemeral "dir_path=/proc"
like "$said" "^error cannot add pool full: /proc: .*O_TMPFILE" "a folder that can have no unnamed files is refused"

# Many at once.
ask pool many driver=ephemeral "dir_path=$PWD/store"
for ((i = 0; i < 8; i++)); do ask disposable "many-$i" pvh warn; done
for ((i = 0; i < 8; i++)); do ask start "many-$i"; done
is "$(dmsetup ls | grep -c '^xeneph-vol-many-')" 8 "eight run"
die
nothing_left "eight at once" "$before"
is "$(grep -v 'verify\|promise\|domain [0-9]*:' qubesd.err | tail -n 20)" "" "qubesd had nothing else to say"
