#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# A disposable as Qubes makes one: a named volume and read-only disks, all attached by another script than ours.
# It is proved while it is paused, before its first instruction, and when it runs.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

verify() {
	out=$(xen-ephemeral verify "$@" 2>err.txt)
	status=$?
}

image_private root.img 16
image_private private.img 16
truncate -s 16M plain.img
root=$(losetup -r -f --show root.img) private=$(losetup -r -f --show private.img) plain=$(losetup -f --show plain.img)
before=$(host_state)
ok "a volume" xen-ephemeral open --name disp1-volatile --dir "$PWD" --size 64M
volume=/dev/mapper/xeneph-vol-disp1-volatile@crypt
ok "has a path that stays the same" wait_for 20 test -b "$volume"

GUEST_RUN='sleep 1000' guest_config disp1 "phy:$root,xvda,r" "phy:$private,xvdb,r" "phy:$volume,xvdc,w"
: >/var/log/xen/console/guest-disp1.log
ok "a domain is made, paused" xl create -p "$guest_dir/disp1.cfg"
domid=$(xl domid disp1)
for vdev in $xvda $xvdb $xvdc; do ok "blkback opens $vdev" wait_for 20 vbd_opened "$domid" "$vdev"; done
verify "$domid"
is "$status" 1 "not armed: the promise is broken"
is "$(grep -c ^BROKEN <<<"$out")" 1 "and nothing else is"
like "$out" "BROKEN +xvdc +it goes with its last user: not armed" "which verify says"
ok "it is armed" wait_for 10 xen-ephemeral arm disp1-volatile
verify "$domid"
is "$status" 0 "the promise holds, before the domain has run"
diag "$(grep '^BROKEN' <<<"$out")"
for disk in xvda xvdb; do
	like "$out" "ok +$disk +blkback takes no writes: r" "$disk is read-only"
done
like "$out" "ok +xvdc +only this domain has it open: open 1, disks of the domain 1" "xvdc is its alone"
ok "it runs" xl unpause disp1
ok "it is up" guest_wait_for_text disp1 "guest: up" 60
verify disp1
is "$status" 0 "the promise holds"
verify --all
is "$status" 0 "with --all"
like "$out" "disp1 \($domid\): the promise holds" "it is not left out"

ok "a writable disk beside it" xl block-attach disp1 "phy:$plain,xvde,w"
ok "blkback opens it" wait_for 20 vbd_opened "$domid" $((xvdc + 32))
verify --all
is "$status" 1 "breaks it"
like "$out" "BROKEN +xvde +it is an encrypted device: 7:[0-9]+ is none of ours" "and is named"
xl destroy disp1
nothing_left "the domain and its volume" "$before"
losetup -d "$root" "$private" "$plain"
