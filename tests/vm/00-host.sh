#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated host is what the tests take it for: real dm-crypt, dm-snapshot, loop, keyrings.
# shellcheck source=tests/host/lib.sh
. /tests/lib.sh

is "$(dpkg-query -W -f '${db:Status-Status} ${Version}' xen-ephemeral)" \
	"installed $(dpkg-deb -f /packages/xen-ephemeral_*.deb Version)" "dpkg has installed the package here"
is "$(dpkg --verify xen-ephemeral 2>&1)" "" "its files are as packed"

key=$(head -c 64 /dev/urandom | keyctl padd logon sample:key @s)
like "$key" '^[0-9]+$' "a logon key is accepted"

truncate -s 64M store origin
printf PLAINTEXT-MARKER | dd of=origin conv=notrunc status=none
store=$(losetup -f --show store)
origin=$(losetup -r -f --show origin)
sectors=$(blockdev --getsz "$store")

crypt="0 $sectors crypt aes-xts-plain64 :64:logon:sample:key 0 $store 0"
ok "dm-crypt takes the key from the keyring" dmsetup create sample-crypt --table "$crypt"
ok "dm-snapshot works over it" dmsetup create sample-cow \
	--table "0 $sectors snapshot $origin /dev/mapper/sample-crypt N 16"
is "$(head -c 16 /dev/mapper/sample-cow)" PLAINTEXT-MARKER "the origin is seen through the snapshot"

printf SECRET-MARKER | dd of=/dev/mapper/sample-cow bs=4096 conv=sync oflag=direct status=none
is "$(head -c 13 /dev/mapper/sample-cow)" SECRET-MARKER "what is written is read back"
# udev looks at what was written to.
wait_for 20 dmsetup remove sample-cow
wait_for 20 dmsetup remove sample-crypt
losetup -d "$store" "$origin"
fails "and is not in the store" grep -qa SECRET-MARKER store
is "$(head -c 16 origin)" PLAINTEXT-MARKER "nor in the origin"
is "$(stat -f -c %T .)" ext2/ext3 "the tests' folder is on ext4"
logger "sample line"
ok "syslog is collected" wait_for 5 grep -q "sample line" /var/log/syslog
is "$(dmsetup ls)" "No devices found" "nothing is left"
