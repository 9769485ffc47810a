#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 500
# xen-ephemeral status, wipe and sweep with a real guest and its three disks, and with what is left
# of domains that are gone.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

image_private a.img 16
cp a.img b.img
truncate -s 16M store.img
before=$(host_state)
run xen-ephemeral status
is "$status:$out$err" "0:" "status of a host without a disk: nothing, 0"
run xen-ephemeral status --json
like "$out" '"domains": ?\[[[:space:]]*\]' "and in JSON"
run xen-ephemeral status nobody
is "$status" 1 "an unknown domain fails"
is "$err" "xen-ephemeral: status: cannot find domain nobody: No such file or directory (xl list shows those that there are)" \
	"and says what to do"
run xen-ephemeral sweep
is "$status:$out$err" "0:" "sweep of a clean host"
run xen-ephemeral wipe --all
is "$status:$out" "0:nothing to wipe" "wipe --all of a clean host"
run xen-ephemeral wipe 4711
is "$status" 1 "wipe of an unknown domain fails"
like "$err" "cannot find domain 4711" "and says so"

GUEST_RUN='while sleep 0.2; do dd if=/dev/xvdc of=/dev/null bs=4096 count=1 2>&1 | grep -i error; done' \
	guest_config disp "$(disk ro xvda "$PWD/a.img")" "$(disk ro xvdb "$PWD/b.img")" \
	"$(disk rw xvdc "volatile:dir=$PWD,size=64M")"
ok "a guest starts" guest_start disp
ok "it is up" guest_wait_for_text disp "guest: up" 60
domid=$(xl domid disp)
mapping=$(mapping_of "$domid" $xvdc)
run xen-ephemeral status
is "$status" 0 "status: nothing is left over"
like "$out" "^disp \($domid\)" "the domain by its name"
like "$out" $'\n'"\|- xvda  read-only 16 MiB, $PWD/a.img" "its root with the origin"
like "$out" $'\n'"\|- xvdb  read-only 16 MiB, $PWD/b.img" "its private disk"
like "$out" $'\n'"\`- xvdc  volatile  64 MiB, [0-9.]+ [KM]iB written, encrypted, armed, open 1, [0-9]+ (s|min), unnamed file in $PWD\$" \
	"its volatile disk with all that is known of it"
steady() { xen-ephemeral status "$1" | sed 's/, [0-9.]* [KM]*i*B written//; s/, [0-9]* \(s\|min\),/,/'; }
is "$(steady disp)" "$(steady "$domid")" "by name as by number"
run xen-ephemeral status --json disp
like "$out" "\"mapping\": ?\"$mapping\"" "JSON: the mapping"
like "$out" "\"size\": ?67108864" "JSON: sizes are in bytes"
like "$out" "\"armed\": ?true" "JSON: armed"
like "$out" "\"name\": ?\"disp\"" "JSON: the name"

# Not ours, whatever they are called.
truncate -s 16M other.img
other=$(losetup -f --show other.img)
dmsetup create "xeneph-9-$xvdc-0123456789abcdef@crypt" --table "0 32768 linear $other 0"
dmsetup create plain --table "0 32768 linear $other 0"
xen-ephemeral open --name disp --dir "$PWD" --size 4M >/dev/null
run xen-ephemeral status
like "$out" "opened by name:"$'\n'"- volume disp: 4 MiB, .*encrypted, not armed, open 0" "a volume by its name"
run xen-ephemeral wipe disp
is "$status" 0 "wipe with the disk in use"
is "$out" "wiped xvdc of domain $domid"$'\n'"wiped volume disp" "it says what it wiped: whatever has that name"
like "$(dmsetup table "$mapping")" "error *\$" "the key is gone"
storeless "and the store"
like "$(dmsetup table "xeneph-9-$xvdc-0123456789abcdef@crypt")" linear "a device with a name like ours is untouched"
like "$(dmsetup table plain)" linear "and any other"
ok "the guest gets I/O errors" guest_wait_for_text disp "I/O error" 30
run xen-ephemeral status
like "$out" "wiped, armed, open 1" "status says that it is wiped"
is "$status" 0 "and that nothing is left that should be gone: the domain is there"
run xen-ephemeral sweep
is "$status:$out" "0:" "sweep leaves a living domain's disk"
xl destroy disp
dmsetup remove "xeneph-9-$xvdc-0123456789abcdef@crypt"
dmsetup remove plain
losetup -d "$other"
nothing_left "after the guest" "$before"

# Left over: the domain is gone and a program of dom0 holds its disk.
vbd_make 33 $xvdc w "volatile:dir=$PWD,size=16M"
ok "a disk of a domain that never was" vbd_run add 33 $xvdc
run xen-ephemeral status
is "$status" 3 "status is 3"
like "$out" "left over .*"$'\n'"- xvdc of domain 33: 16 MiB, .*encrypted, armed, open 1" "and shows it"
run xen-ephemeral status 33
is "$status" 3 "also when asked for its number"
run xen-ephemeral status --json
like "$out" "\"left\": ?\[" "in JSON too"
run xen-ephemeral sweep --dry-run
is "$status:$out" "3:xvdc of domain 33: left over" "sweep --dry-run says what it would do"
like "$(dmsetup table "$(mapping_of 33 $xvdc)")" crypt "and does nothing"
run xen-ephemeral sweep
is "$status" 3 "sweep cannot remove what is in use"
like "$out" "xvdc of domain 33: wiped: it goes when" "but its key"
like "$(dmsetup table "$(mapping_of 33 $xvdc)")" "error *\$" "is gone"
vbd_drop 33 $xvdc
nothing_left "once it is let go" "$before"

# What a killed attach can leave: a device with no table, not armed.
dmsetup create "xeneph-34-$xvdc-0123456789abcdef@crypt" --notable --uuid "CRYPT-PLAIN-xeneph-34-$xvdc-0123456789abcdef"
run xen-ephemeral status
is "$status" 3 "an empty device is left over"
run xen-ephemeral sweep --json
is "$status" 0 "sweep removes it"
like "$out" "\"result\": ?\"removed\"" "and says so"
nothing_left "after the sweep" "$before"

# A loop device of ours that a killed attach and a program of dom0 leave behind.
vbd_make 35 $xvda r "$PWD/a.img"
ok "an origin" vbd_run add 35 $xvda
loop=$(losetup -j "$PWD/a.img" | cut -d: -f1)
exec 7<"$loop"
vbd_drop 35 $xvda
run xen-ephemeral status
is "$status" 3 "a loop device that somebody holds: status is 3"
like "$out" "left over: $loop" "and shows it"
run xen-ephemeral sweep --dry-run
is "$status:$out" "3:$loop: left over" "a loop device that somebody holds is left over"
run xen-ephemeral sweep
is "$status:$out" "3:$loop: not removed: in use" "and in use"
exec 7<&-
nothing_left "once it is let go" "$before"
