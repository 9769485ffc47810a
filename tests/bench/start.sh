#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group start: from `xl create` to the first program of a PVH guest, with three ephemeral disks (read-only twice and
# volatile) beside three plain ones that Xen's own script attaches. Both guests are the same in all else, and boot as quickly
# as they can: the kernel's own tests of its ciphers are off (lib-xen.sh). For scale, a guest without disks.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/lib-xen.sh
. /tests/bench/lib.sh

# up NAME: xl create, and its /init's first word. Fails when there is none, or the guest is gone.
up() {
	local looks=0
	guest_start "$1" >output 2>&1 || return
	until [[ $(<"/var/log/xen/console/guest-$1.log") == *"guest: init"* ]]; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		[ $((++looks % 20)) != 0 ] || xl domid "$1" >/dev/null 2>&1 || return 1
		sleep 0.1
	done
}

# boot NAME DISK...: once more where the emulation let the guest fall (lib-xen.sh says why it does).
boot() {
	local name=$1 try
	shift
	guest_config "$name" "$@"
	for try in 1 2 3; do
		calm
		deadline=$((SECONDS + 300))
		if measure "$name" up "$name"; then break; fi
		progress "guest $name did not come up, try $try of 3"
		cat output && guest_console "$name" | tail -n 5
		[ "$try" -lt 3 ] || give_up "guest $name does not come up"
	done
	xl destroy "$name"
	wait_for 60 guest_absent "$name" || give_up "guest $name does not go"
}

truncate -s 64M root.img private.img plain-1.img plain-2.img plain-3.img
plain=("$(plain xvda "$PWD/plain-1.img")" "$(plain xvdb "$PWD/plain-2.img")" "$(plain xvdc "$PWD/plain-3.img")")
# Of an initramfs there is only what says that it was reached: libxc's copy of it and the kernel's unpacking are none of a
# disk's cost.
if [ -z "${GUEST_RAMDISK:-}" ]; then
	mkdir -p tree/bin
	cp "$(command -v busybox)" tree/bin/
	printf '%s\n' '#!/bin/busybox sh' 'echo "guest: init"' 'exec /bin/busybox sleep 1000' >tree/init
	chmod 755 tree/init
	(cd tree && find . | cpio -o -H newc --quiet) >initramfs || give_up "no initramfs"
	GUEST_RAMDISK=$PWD/initramfs
fi
for ((round = 0; round <= rounds; round++)); do
	boot ephemeral "$(disk ro xvda "$PWD/root.img")" "$(disk ro xvdb "$PWD/private.img")" \
		"$(disk rw xvdc "volatile:dir=$PWD,size=64M")"
	boot plain "${plain[@]}"
	[ "$round" -gt 3 ] || boot none
	progress "round $round of $rounds ($SECONDS s)"
done
plain_end
