#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# A guest that writes more than there is room for gets I/O errors; dom0 stays well.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

image_root root.img 32
image_private private.img 128
sums=$(md5sum root.img private.img)
before=$(host_state)

# The private disk is larger than its store: dm-snapshot in the guest overflows.
GUEST_MEMORY=220 GUEST_EXTRA="rw marker=SMALL hold=forever fill=/rw" guest_config small \
	"$(disk ro xvda "$PWD/root.img")" "$(disk ro xvdb "$PWD/private.img")" \
	"$(disk rw xvdc "volatile:dir=$PWD,size=64M")"
ok "a guest with a small xvdc starts" guest_start small
ok "it fills its private disk and goes on" guest_wait_for_text small "GUEST READY" 120
like "$(guest_console small)" "GUEST fill /rw [0-9]+ KiB: .*(I/O error|Input/output error|Read-only)" \
	"with an I/O error at the end"
like "$(guest_console small)" "xen-ephemeral: warning: .*xvdb" "the step had warned that it is small"
ok "dom0 answers" xl list small
xl destroy small
nothing_left "after the overflow" "$before"

# The store's filesystem is full: the loop device cannot write what dm-crypt hands it.
mkdir /run/tight
mount -t tmpfs -o size=24m tmpfs /run/tight
before=$(host_state)
GUEST_MEMORY=220 GUEST_EXTRA="rw marker=TIGHT hold=forever fill=/rw" guest_config tight \
	"$(disk ro xvda "$PWD/root.img")" "$(disk ro xvdb "$PWD/private.img")" \
	"$(disk rw xvdc "volatile:dir=/run/tight,size=512M")"
ok "a guest over a store that is larger than its filesystem starts" guest_start tight
ok "it fills the filesystem and goes on" guest_wait_for_text tight "GUEST READY" 120
like "$(guest_console tight)" "GUEST fill /rw [0-9]+ KiB: .*(I/O error|Input/output error|Read-only)" \
	"with an I/O error at the end"
is "$(md5sum root.img private.img)" "$sums" "no image has changed"
ok "another disk attaches meanwhile" vbd_make 95 $xvdc w "volatile:dir=$PWD,size=16M"
ok "and works" vbd_run add 95 $xvdc
vbd_drop 95 $xvdc
xl destroy tight
nothing_left "after the full filesystem" "$before"
# The kernel gives a file's blocks back some time after its loop device has let go of it (fs/file_table.c, delayed_fput()).
used() { df --output=used -k /run/tight | tail -n 1 | tr -d ' '; }
no_blocks() { [ "$(used)" = 0 ]; }
wait_for 20 no_blocks
is "$(used)" 0 "the filesystem is empty again"
umount /run/tight
