#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 420
# `remove` in every situation, and after SIGKILL of `add` at each call that changes a device or a key;
# 71-syscalls.sh takes the other calls.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

before=$(host_state)
volatile="volatile:dir=$PWD,size=16M"

vbd_make 40 $xvdc w "$volatile,nonsense"
fails "an add that fails" vbd_run add 40 $xvdc
ok "remove after it" vbd_run remove 40 $xvdc
vbd_drop 40 $xvdc
xenstore-rm /local/domain/40
xenstore-ls -f /local/domain/0/backend >tree 2>/dev/null
ok "remove with the path gone" vbd_run remove 40 $xvdc
ok "remove once more" vbd_run remove 40 $xvdc
is "$(xenstore-ls -f /local/domain/0/backend 2>/dev/null)" "$(cat tree)" "no node was made"

# The guest still holds the disk: after a moment the key goes all the same.
GUEST_RUN='while sleep 0.2; do dd if=/dev/xvdc of=/dev/null bs=4096 count=1 2>&1 | grep -i error; done' \
	guest_config holder "$(disk rw xvdc "$volatile")"
ok "a guest that holds its disk starts" guest_start holder
ok "it is up" guest_wait_for_text holder "guest: up" 60
domid=$(xl domid holder)
name=$(mapping_of "$domid" $xvdc)
like "$(dmsetup table "$name")" crypt "its disk has a key"
traced_remove() {
	XENBUS_PATH=$(vbd_path "$domid" $xvdc) strace -f -o trace \
		-e trace=execve,fork,vfork,clone,clone3 "$hotplug" remove
}
ok "remove while the guest holds the disk" traced_remove
is "$(grep -cE 'execve|fork|clone' trace)" 2 "the script's execve and one more, no fork, no thread"
like "$(dmsetup table "$name")" "error *\$" "the table is one of errors, the key is gone"
unlike "$(losetup --noheadings -l -O BACK-FILE)" deleted "and so is the store"
ok "the guest gets I/O errors" guest_wait_for_text holder "I/O error" 30
xl destroy holder
nothing_left "after the holder" "$before"

# Killed at the Nth call of a kind, for each kind of call that changes something.
traced_add() { # SYSCALL N: strace's status is 137 when the kill was done
	vbd_make 41 $xvdc w "$target"
	XENBUS_PATH=$(vbd_path 41 $xvdc) timeout 60 strace -o /dev/null -e trace="$1" \
		-e inject="$1:signal=KILL:when=$2" "$backend" add >/dev/null 2>&1
}

# kill_at SYSCALL N: false when there is no Nth call.
kill_at() {
	local status
	traced_add "$1" "$2"
	status=$?
	[ "$status" = 0 ] || [ "$status" = 137 ] || fail_with "add with SIGKILL at $1 $2: status $status"
	vbd_run remove 41 $xvdc || fail_with "remove after SIGKILL at $1 $2"
	vbd_drop 41 $xvdc
	[ "$status" = 137 ] || return 1
	wait_for 10 settled || { fail_with "SIGKILL at $1 $2 leaves" "$(host_state)" && return 0; }
	killed=$((killed + 1))
}
settled() { [ "$(host_state)" = "$before" ]; }

# kills SYSCALL FIRST STEP
kills() {
	local n=$2
	killed=0
	while kill_at "$1" "$n"; do n=$((n + $3)); done
	like "$killed" '^[1-9]' "SIGKILL of add at $killed places of $1, then remove: nothing is left"
}

target=$volatile
kills ioctl 1 1
kills add_key 1 1
kills keyctl 1 1
kills pwrite64 1 1
vbd_make 41 $xvdc w "$volatile"
ok "a later add works" vbd_run add 41 $xvdc
vbd_drop 41 $xvdc
nothing_left "in the end" "$before"
