#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 360
# xen-ephemeral verify: it holds for a disposable domain, and each way to break it is found.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

verify() {
	out=$(xen-ephemeral verify "$@" 2>err.txt)
	status=$?
}

# broken NAME PATTERN: the promise is broken, and for this reason only.
broken() {
	verify disp
	is "$status" 1 "$1: verify fails"
	like "$(grep ^BROKEN <<<"$out")" "$2" "$1: and says why"
	is "$(grep -c ^BROKEN <<<"$out")" "${3:-1}" "$1: nothing else is broken"
	like "$out" "disp \([0-9]+\): the promise is BROKEN" "$1: in the last line too"
}

holds() {
	verify disp
	is "$status" 0 "$1: the promise holds"
	is "$(grep ^BROKEN <<<"$out")" "" "$1: no line is broken"
}

image_private a.img 16
cp a.img b.img
truncate -s 16M plain.img
before=$(host_state)
verify --all
is "$status:$out" "0:no domain has an ephemeral disk" "verify --all without a domain"
verify nobody
is "$status" 1 "an unknown domain fails"
verify 0
is "$status" 1 "so does domain 0"

GUEST_RUN='sleep 1000' guest_config disp "$(disk ro xvda "$PWD/a.img")" \
	"$(disk ro xvdb "$PWD/b.img")" "$(disk rw xvdc "volatile:dir=$PWD,size=64M")"
ok "a guest starts" guest_start disp
ok "it is up" guest_wait_for_text disp "guest: up" 60
domid=$(xl domid disp)
mapping=$(mapping_of "$domid" $xvdc)
device=$(device_of "$mapping")
holds "a disposable domain"
like "$out" "ok +xvda +blkback takes no writes: r +\[/sys/bus/xen-backend/devices/vbd-$domid-$xvda/mode\]" \
	"xvda is read-only in blkback"
like "$out" "ok +xvda +its loop device takes no writes: 1 +\[/sys/dev/block/7:[0-9]+/ro\]" "and in its loop device"
like "$out" "ok +xvdc +it is the domain's own encrypted device: $mapping +\[/sys/bus" "xvdc is a mapping of ours"
like "$out" "ok +xvdc +its table is AES-256-XTS with a key of 64 bytes: aes-xts-plain64, 64 bytes, logon" "its cipher"
like "$out" "ok +xvdc +its key is in no keyring any more: xeneph:$mapping is not there" "its key"
like "$out" "ok +xvdc +it goes with its last user: deferred remove" "it is armed"
like "$out" "ok +xvdc +its store is held by it alone: unnamed file in $PWD" "its store"
like "$out" "disp \($domid\): the promise holds\$" "the last line"
verify --json disp
is "$status" 0 "in JSON: 0"
like "$out" "\"holds\": ?true" "in JSON: it holds"
verify --all
is "$status" 0 "with --all too"

# Looking for a marker that the guest has not written: the search is through, and says that it shows nothing.
head -c 18 /dev/urandom | base64 >marker
verify --scan marker disp
is "$status" 0 "a scan: the promise holds"
like "$out" "ok +xvdc +the marker is not in its store: not found in 64 MiB, every byte +\[block device 7:[0-9]+\]" "every byte of the store is read"
like "$out" "warning +xvdc +the marker is there through the encryption: not found in 64 MiB" "it was not written, which is a warning"
store=$(store_of "$device")
dd if=marker of="$device" bs=4096 seek=2000 conv=sync,notrunc oflag=direct status=none
verify --json --scan - disp <marker
is "$status" 0 "written through the encryption: the promise holds"
like "$out" '"found": ?"found 1 time in 64 MiB, first at byte 8192000"' "it is found there, in JSON"
dd if="$store" bs=4096 skip=3000 count=1 iflag=direct of=ciphertext status=none
dd if=marker of="$store" bs=4096 seek=3000 conv=sync,notrunc oflag=direct status=none
verify --scan marker disp
is "$status" 1 "in the store: the promise is broken"
like "$(grep ^BROKEN <<<"$out")" "xvdc +the marker is not in its store: found 1 time in 64 MiB, first at byte 12288000" "and says where"
is "$(grep -c ^BROKEN <<<"$out")" 1 "nothing else is broken"
dd if=ciphertext of="$store" bs=4096 seek=3000 conv=notrunc oflag=direct status=none

# A plain writable disk beside them.
ok "a plain disk" xl block-attach disp "phy:$(losetup -f --show plain.img),xvde,w"
ok "blkback opens it" wait_for 20 vbd_opened "$domid" $((xvdc + 32))
broken "a plain writable disk" "BROKEN +xvde +it is an encrypted device: 7:[0-9]+ is none of ours"
xl block-detach disp xvde
losetup -j "$PWD/plain.img" | cut -d: -f1 | xargs -r losetup -d
holds "once it is detached"

exec 7<"$device"
broken "a program of dom0 that has the disk open" "BROKEN +xvdc +only this domain has it open: open 2, disks of the domain 1"
exec 7<&-
dmsetup load "$mapping" --table "0 131072 error"
broken "a second table" "BROKEN +xvdc +no second table waits for it: one is loaded"
dmsetup clear "$mapping"
holds "without them"

dmsetup message "$mapping" 0 @cancel_deferred_remove
broken "a disarmed device" "BROKEN +xvdc +it goes with its last user: not armed"
dmsetup remove --deferred "$mapping"
holds "once it is armed again"

serial=$(head -c 64 /dev/urandom | keyctl padd logon "xeneph:$mapping" @s)
broken "a key in a keyring" "BROKEN +xvdc +its key is in no keyring any more: .* is there"
keyctl unlink "$serial" @s
holds "once the key is out"

# dom0's own state is a warning.
like "$out" "(warning|ok) +dom0 +no program's memory is dumped" "core dumps are told of"
dd if=/dev/zero of=swap.img bs=1M count=8 status=none
mkswap -q swap.img 2>/dev/null || mkswap swap.img >/dev/null
swap=$(losetup -f --show swap.img)
if swapon "$swap"; then
	verify disp
	is "$status" 0 "swap in the clear: the promise holds"
	like "$out" "warning +dom0 +its swap is encrypted or in memory: $swap is in the clear" "with a warning"
	swapoff "$swap"
else
	fail_with "swapon"
fi
losetup -d "$swap"

# A QEMU that serves the domain and has a file open for writing.
exec 9<>plain.img
cat >fake-qemu <<'X'
#!/bin/bash
sleep 300 & wait
X
bash fake-qemu -xen-domid "$domid" &
fake=$!
ok "a QEMU with a file open" wait_for 20 grep -q xen-domid "/proc/$fake/cmdline"
broken "QEMU with a file open for writing" "BROKEN +qemu +.*descriptor 9 is $PWD/plain.img"
pkill -P "$fake" 2>/dev/null
kill "$fake" 2>/dev/null
exec 9>&-
wait_for 5 eval "! pgrep -f fake-qemu"
holds "without it"

# A key that stands in the table, half as long, under blkback's feet.
store=$(store_of "$device")
dmsetup load "$mapping" --table "0 131072 crypt aes-xts-plain64 $(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n') 0 $store 0"
dmsetup resume --noudevsync "$mapping"
broken "another key" "BROKEN +xvdc +its table is AES-256-XTS.*aes-xts-plain64, 0 bytes, the key stands in the table"
unlike "$out" '[0-9a-f]{64}' "a key that stands in the table is not shown"
xl destroy disp
nothing_left "after the guest" "$before"
