#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# A guest that keeps its disk: it has it mounted, or it never answers.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

before=$(host_state)
volatile="volatile:dir=$PWD,size=16M"
table() { dmsetup table "$(mapping_of "$domid" "$1")"; }

# shellcheck disable=SC2016 # the guest expands it
GUEST_RUN='use() { mkfs.ext4 -q -F /dev/$1 && mkdir /$1 && mount /dev/$1 /$1 && echo "MOUNTED $1"
while sleep 1; do dd if=/dev/zero of=/$1/f bs=4k count=1 conv=fsync 2>/dev/null || echo "FAILED $1"; done; }
for d in xvdc xvdd xvde xvdf; do use $d & done; wait' guest_config keeper \
	"$(disk rw xvdc "$volatile")" "$(disk rw xvdd "$volatile")" "$(disk rw xvde "$volatile")" \
	"$(disk rw xvdf "$volatile")"
ok "a guest with four disks starts" guest_start keeper
for name in xvdc xvdd xvde xvdf; do
	ok "it mounts $name" guest_wait_for_text keeper "MOUNTED $name" 120
done
domid=$(xl domid keeper)
xvdd=$((xvdc + 16)) xvde=$((xvdc + 32)) xvdf=$((xvdc + 48))

# A Linux guest lets go of a mounted disk too.
ok "xl block-detach of a disk that is mounted" xl block-detach keeper xvdc
has_no_mapping() { [ -z "$(mapping_of "$domid" "$1")" ]; }
ok "its key is gone" wait_for 20 has_no_mapping $xvdc
ok "the guest gets I/O errors" guest_wait_for_text keeper "FAILED xvdc" 60

# Xen waits 10 s for a guest's answer (LIBXL_DESTROY_TIMEOUT), and then calls no script.
detach_fails() {
	local output started=$SECONDS
	output=$(xl block-detach keeper "$1" 2>&1)
	isnt "$?" 0 "xl block-detach $1 of a guest that does not answer fails"
	like "$output" "unable to remove device" "in Xen's own words"
	like "$((SECONDS - started))" '^([5-9]|[12][0-9])$' "after $((SECONDS - started)) s"
}
xl pause keeper
detach_fails xvdd
like "$(table $xvdd)" " crypt aes-xts-plain64 " "the disk still works"
like "$(dmsetup info "$(mapping_of "$domid" $xvdd)")" "DEFERRED REMOVE" "it is still armed"
xl unpause keeper
ok "it goes by itself once the guest answers" wait_for 60 has_no_mapping $xvdd
xl block-detach keeper xvdd >/dev/null 2>&1

xl pause keeper
detach_fails xvde
stores=$(losetup --noheadings -l -O BACK-FILE | grep -c deleted)
is "$stores" 2 "two disks have a store"
ok "xen-ephemeral wipe" xen-ephemeral wipe keeper
for devid in $xvde $xvdf; do
	like "$(table "$devid")" "^0 32768 error *\$" "$devid has a table of errors: the key is gone"
done
is "$(losetup --noheadings -l -O BACK-FILE | grep -c deleted)" 0 "and so are the stores"
xl unpause keeper
ok "the guest gets I/O errors from xvdf" guest_wait_for_text keeper "FAILED xvdf" 60
# The guest was told to give xvde up as well. What it had under way there it may wait for without end, as
# its driver is being closed; but whether it lets go or not, there is no way back to a key.
wait_for 10 has_no_mapping $xvde || :
unlike "$(table $xvde 2>/dev/null)" crypt "the guest lets go of xvde, or has the table of errors still"
xl destroy keeper
nothing_left "in the end" "$before"
