#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# soak-limit: 1800
# An initramfs made by dracut with our module; in the soak also one with systemd in it and a stock step of
# the Qubes kind, which takes minutes where everything is emulated, and what can be missing.
# 17-qubes-kernel.sh has every combination of disks.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh
. /tests/lib-initramfs.sh

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
volatile="volatile:dir=$PWD,size=300M"
root_image small.img 64
root_image large.img 2048
ok "the large root's journal is dirty" dirty large.img
root_image gpt.img 64 /dev/xvdb1
in_table gpt.img "Root filesystem" 1 1
root_image table.img 64
in_table table.img "Root filesystem" 1 1
image_private private.img 32
cp private.img parts.img
in_table parts.img home
truncate -s 40M blank.img
cp private.img written.img
sums=$(md5sum small.img large.img gpt.img table.img private.img parts.img blank.img)
before=$(host_state)

# Root and private read-only: our way, whatever root= names.
initramfs_guest shell dracut-sh.img /dev/xvda "$(disk ro xvda "$PWD/table.img")" \
	"$(disk ro xvdb "$PWD/blank.img")" "$(disk rw xvdc "$volatile")"
on_store shell
stop shell

soak() {
	initramfs_guest large dracut-sh.img /dev/mapper/dmroot "$(disk ro xvda "$PWD/large.img")" \
		"$(disk ro xvdb "$PWD/private.img")" "$(disk rw xvdc "$volatile")"
	on_store large
	stop large
	initramfs_guest systemd dracut.img /dev/mapper/dmroot "$(disk ro xvda "$PWD/gpt.img")" \
		"$(disk ro xvdb "$PWD/parts.img")" "$(disk rw xvdc "$volatile")"
	on_store systemd 1
	stop systemd
	initramfs_guest noxvdc dracut-sh.img /dev/xvda "$(disk ro xvda "$PWD/small.img")" "$(disk ro xvdb "$PWD/private.img")"
	powers_off noxvdc 120 "cannot map the disks: disk not found: xvdc"
	initramfs_guest uuid dracut.img UUID=01234567-89ab-cdef-0123-456789abcdef \
		"$(disk ro xvda "$PWD/small.img")" "$(disk ro xvdb "$PWD/private.img")" "$(disk rw xvdc "$volatile")"
	on_store uuid
	stop uuid
	initramfs_guest stock dracut.img /dev/mapper/dmroot "$(disk ro xvda "$PWD/small.img")" \
		"$(plain xvdb "$PWD/written.img")" "$(disk rw xvdc "$volatile")"
	stock_way stock
	initramfs_guest noxvdb dracut-sh.img /dev/xvda "$(disk ro xvda "$PWD/small.img")" "$(disk rw xvdc "$volatile")"
	ready noxvdb
	like "$console" "xen-ephemeral: disk not found: xvdb; leaving the disks alone" "noxvdb: says so"
	like "$console" "GUEST marker / refused, /dev/(xvda|root) ro" "noxvdb: the stock way"
	stop noxvdb
}
[ -z "${SOAK:-}" ] || soak
is "$(md5sum small.img large.img gpt.img table.img private.img parts.img blank.img)" "$sums" "no image was changed"
plain_end
nothing_left "in the end" "$before"
