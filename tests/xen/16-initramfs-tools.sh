#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# soak-limit: 1800
# An initramfs made by initramfs-tools with our scripts and with a stock step of the Qubes kind. More of
# them in the soak, as with dracut's.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh
. /tests/lib-initramfs.sh

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
volatile="volatile:dir=$PWD,size=300M"
root_image small.img 64
root_image gpt.img 64 /dev/xvdb1
in_table gpt.img "Root filesystem" 1 1
image_private private.img 32
cp private.img parts.img
in_table parts.img home
ok "the private disk's journal is dirty" dirty private.img
truncate -s 48M private.img
cp small.img written-root.img
cp private.img written.img
sums=$(md5sum small.img gpt.img private.img parts.img)
before=$(host_state)

# Root and private read-only: our way, whatever root= names.
initramfs_guest uuid tools.img UUID=01234567-89ab-cdef-0123-456789abcdef "$(disk ro xvda "$PWD/small.img")" \
	"$(disk ro xvdb "$PWD/private.img")" "$(disk rw xvdc "$volatile")"
on_store uuid
like "$console" "GUEST resize: .*is now" "uuid: the private filesystem was grown through /dev/xvdb"
stop uuid

initramfs_guest stock tools.img /dev/mapper/dmroot "$(disk ro xvda "$PWD/small.img")" \
	"$(plain xvdb "$PWD/written.img")" "$(disk rw xvdc "$volatile")"
stock_way stock

soak() {
	initramfs_guest small tools.img /dev/xvda "$(disk ro xvda "$PWD/small.img")" \
		"$(disk ro xvdb "$PWD/private.img")" "$(disk rw xvdc "volatile:dir=$PWD,size=4M")"
	powers_off small 120 "cannot partition xvdc: 4096 KiB is too small, 8 MiB are needed"
	initramfs_guest parts tools.img /dev/xvda "$(disk ro xvda "$PWD/gpt.img")" "$(disk ro xvdb "$PWD/parts.img")" \
		"$(disk rw xvdc "$volatile")"
	on_store parts 1
	stop parts
	initramfs_guest writable tools.img /dev/mapper/dmroot "$(plain xvda "$PWD/written-root.img")" \
		"$(disk ro xvdb "$PWD/private.img")" "$(disk rw xvdc "$volatile")"
	ready writable
	like "$console" "stock step: writable root" "writable: the stock step has done its work"
	unlike "$console" "xen-ephemeral:" "writable: nothing of ours"
	stop writable
}
[ -z "${SOAK:-}" ] || soak
is "$(md5sum small.img gpt.img private.img parts.img)" "$sums" "no image was changed"
plain_end
nothing_left "in the end" "$before"
