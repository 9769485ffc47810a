#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# Every way in which xl attaches and detaches a disk, and what xl's user reads when it is refused.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

truncate -s 16M plain.img
before=$(host_state)
volatile="volatile:dir=$PWD,size=32M"

# A guest that uses its disk until it is told to let go.
GUEST_RUN='sleep 1000' guest_config user
ok "a guest without disks starts" guest_start user
ok "it is up" guest_wait_for_text user "guest: up" 60
domid=$(xl domid user)

ok "xl block-attach of a volatile disk" xl block-attach user "$(disk rw xvdc "$volatile")"
isnt "$(mapping_of "$domid" $xvdc)" "" "it has a mapping"
connected() { [ "$(vbd_node "$domid" $xvdc state)" = 4 ]; }
ok "the guest connects to it" wait_for 20 connected
ok "xl block-detach" xl block-detach user xvdc
nothing_left "after block-detach" "$before"

ok "xl block-attach again" xl block-attach user "$(disk rw xvdc "$volatile")"
ok "the guest connects to it" wait_for 20 connected
ok "xl block-detach --force" xl block-detach --force user xvdc
nothing_left "after block-detach --force" "$before"

# A refusal in xl's own words, and no trace of it but what Xen itself leaves (the disk's nodes).
refused() { # NAME WANTED DISK
	local output
	output=$(xl block-attach user "$3" 2>&1)
	isnt "$?" 0 "$1: refused"
	like "$output" "script: xen-ephemeral: disk [0-9]+ of domain $domid: $2" "$1: xl says why"
	nothing_left "$1" "$before"
	xl block-detach --force user xvdd >/dev/null 2>&1
	# blkback must have seen that it is gone before there is another of that number.
	wait_for 10 vbd_closed "$domid" $((xvdc + 16)) || diag "$1: blkback keeps xvdd"
}
refused "a writable plain path" "cannot attach this disk: writable, but its target is not ephemeral" \
	"$(disk rw xvdd "$PWD/plain.img")"
refused "a read-only volatile disk" "cannot attach this disk: a volatile: target needs access=rw" \
	"$(disk ro xvdd "$volatile")"
refused "a missing file" "cannot open origin: No such file or directory" \
	"$(disk ro xvdd "$PWD/missing.img")"
refused "size 0" "cannot understand size: a size is a number" \
	"$(disk rw xvdd "volatile:dir=$PWD,size=0")"
is "$(grep -c "$PWD/missing.img" /var/log/syslog)" 1 "syslog has the path that xl's message has not"
unlike "$(cat /var/log/syslog)" "domain user|user:" "and no domain's name"

ok "a third volatile disk" xl block-attach user "$(disk rw xvdc "$volatile")"
ok "xl destroy" xl destroy user
nothing_left "after destroy" "$before"

GUEST_RUN='sleep 1000' guest_config bad "$(disk ro xvda "$PWD/plain.img")" \
	"$(disk rw xvdb "$PWD/plain.img")" "$(disk rw xvdc "$volatile")"
output=$(guest_start bad 2>&1)
isnt "$?" 0 "xl create with one bad disk of three fails"
like "$output" "disk $xvdb of domain [0-9]+: cannot attach this disk: writable" "and names the disk"
ok "no domain is left" guest_absent bad
nothing_left "after a failed create" "$before"
is "$(xenstore-ls /local/domain/0/backend/vbd 2>/dev/null)" "" "no disk is left in xenstore"
