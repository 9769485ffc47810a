#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# Wiping a mapping that is open, one that never came to life, and one whose storage hangs.
. /tests/lib.sh
. /tests/lib-disks.sh

truncate -s 32M disk.img
disk=$(losetup -f --show disk.img)
before=$(host_state)

volume_hold "volatile:dir=$PWD,size=32M" || bail "$said"
ok "an open device is wiped" "$tool" wipe "$name" 5000
like "$(dmsetup table "$name")" "^0 65536 error *\$" "its table has no key"
storeless "its store is gone while it is still open"
fails "reading fails" dd if="$device" of=/dev/null bs=4096 count=1 iflag=direct
volume_release
nothing_left "after wiping" "$before"
ok "forgetting what is gone is no failure" "$tool" forget "$name"
like "$("$tool" look "$name")" "exists=0" "nor is looking at it"

# A table that was loaded and never resumed holds a key too.
key=$(head -c 64 /dev/urandom | keyctl padd logon sample:key @s)
dmsetup create xeneph-7-1-0@crypt --notable --uuid CRYPT-PLAIN-xeneph-7-1-0
dmsetup load xeneph-7-1-0@crypt --table "0 65536 crypt aes-xts-plain64 :64:logon:sample:key 0 $disk 0"
keyctl unlink "$key" @s
ok "a device that never came to life is forgotten" "$tool" forget xeneph-7-1-0@crypt
nothing_left "after forgetting it" "$before"

# Storage that does not answer: a suspended device under the store.
dmsetup create slow --table "0 65536 linear $disk 0"
volume_hold "volatile:dev=/dev/mapper/slow" || bail "$said"
dmsetup suspend slow
dd if=/dev/zero of="$device" bs=4096 count=1 oflag=direct status=none &
writer=$!
ok "a request hangs" wait_for 20 in_flight "$device"
start=$SECONDS
output=$("$tool" wipe "$name" 2000 2>&1)
is "$?" 1 "wiping over hung storage fails"
like "$output" "cannot wipe the encrypted device .*its storage does not answer" "and says why"
like "$((SECONDS - start))" '^[1-9]$' "in bounded time"
dmsetup resume slow
wait "$writer" 2>/dev/null
ok "once it answers, wiping works" "$tool" wipe "$name" 10000
volume_release
remove_device slow
nothing_left "after the hang" "$before"
losetup -d "$disk"
