#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# xen-ephemeral open, arm, close and wipe, for toolstacks without hotplug scripts: real dm-crypt, no Xen.
. /tests/lib.sh
. /tests/lib-disks.sh

open_vol() { run xen-ephemeral open --name "$1" "${@:2}"; }

truncate -s 32M disk.img file.img
disk=$(losetup -f --show disk.img)
before=$(host_state)

for arguments in "--dir=$PWD --size=32M" "--dev=$disk" "--dev=$PWD/file.img" "--dir=$PWD --size=32M --sector=4096 --discard"; do
	# shellcheck disable=SC2086
	open_vol vol.1 $arguments
	is "$status" 0 "open $arguments"
	like "$out" '^/dev/dm-[0-9]+$' "it prints the device"
	first=$out
	like "$(dmsetup info xeneph-vol-vol.1@crypt)" "State: +ACTIVE"$'\n' "not armed: it waits for its user"
	like "$(dmsetup table --showkeys xeneph-vol-vol.1@crypt)" "crypt aes-xts-plain64 :64:logon:xeneph:" "its table has no key"
	keyless "nor has a keyring"
	# shellcheck disable=SC2086
	open_vol vol.1 $arguments
	is "$status:$out" "0:$first" "open once more is the same"
	ok "its first 64 KiB are zeros" cmp -n 65536 "$first" /dev/zero
	ok "close" xen-ephemeral close vol.1
	nothing_left "after close" "$before"
	ok "close of what is gone" xen-ephemeral close vol.1
done

open_vol v --dir "$PWD" --size 16M
device=$out
open_vol v --dir "$PWD" --size 17M
is "$status" 1 "the same name with another size fails"
like "$err" "cannot open the volume v: File exists \(it is open with another store, size or option\)" "and says so"
open_vol v --dev "$disk"
is "$status" 1 "with another store too"
open_vol v --dir "$PWD" --size 16M --discard
is "$status" 1 "and with another option"
run xen-ephemeral arm v
is "$status" 1 "arm of what nobody has open fails"
like "$err" "cannot arm the volume v: nothing has it open yet" "and says why"
ok "so it is still there" test -b "$device"
exec 7<>"$device"
ok "arm while it is open" xen-ephemeral arm v
ok "arm twice" xen-ephemeral arm v
like "$(dmsetup info xeneph-vol-v@crypt)" "DEFERRED REMOVE" "it is armed"
open_vol v --dir "$PWD" --size 16M
is "$status:$out" "0:$device" "open while it is armed and in use: the same device"
exec 7>&-
nothing_left "with its last user" "$before"
run xen-ephemeral arm v
is "$status" 1 "arm of what is gone fails"

# Closing what is in use ends the key.
open_vol v --dir "$PWD" --size 16M
exec 7<>"$out"
device=$out
ok "close while it is in use" xen-ephemeral close v
like "$(dmsetup table xeneph-vol-v@crypt)" "error *\$" "its key is gone"
open_vol v --dir "$PWD" --size 16M
is "$status" 1 "open while its old user still has it fails"
like "$err" "it was wiped and is still in use" "and says why"
exec 7>&-
nothing_left "once it is let go" "$before"

open_vol v --dir "$PWD" --size 16M
exec 7<>"$out"
run xen-ephemeral wipe v
is "$status:$out" "1:wiped volume v" "wipe by name: done, but without Xen nobody knows of a domain of that name"
like "$err" "cannot talk to Xen" "and that is said"
like "$(dmsetup table xeneph-vol-v@crypt)" "error *\$" "its key is gone"
exec 7>&-
nothing_left "after wipe" "$before"

# Ours is what has our UUID, whatever its name.
open_vol v --dir "$PWD" --size 16M
dmsetup rename xeneph-vol-v@crypt renamed
dmsetup create xeneph-vol-w@crypt --table "0 32768 linear $disk 0" --uuid CRYPT-PLAIN-xeneph-vol-w@crypt
run xen-ephemeral wipe --all
is "$status:$out" "0:wiped volume v" "a renamed device is ours, and another program's UUID is not"
like "$(dmsetup table xeneph-vol-w@crypt)" linear "that one is untouched"
dmsetup remove xeneph-vol-w@crypt
nothing_left "after both" "$before"

# Eight at once under one name: one disk.
for i in 1 2 3 4 5 6 7 8; do
	xen-ephemeral open --name same --dev "$disk" >"same.$i" 2>&1 &
done
wait
is "$(sort -u same.* | wc -l)" 1 "eight opens at once give one device"
like "$(cat same.1)" '^/dev/dm-[0-9]+$' "and it is one"
ok "close" xen-ephemeral close same
nothing_left "after it" "$before"

# 100 devices.
for ((i = 0; i < 100; i++)); do
	xen-ephemeral open --name "many-$i" --dir "$PWD" --size 4M >/dev/null || fail_with "open $i"
done
is "$(dmsetup ls | grep -c '^xeneph-vol-many-')" 100 "100 volumes"
strace -f -o trace -e trace=execve,fork,vfork,clone,clone3 xen-ephemeral wipe --all >out.txt
is "$?" 0 "wipe --all of 100"
is "$(grep -c '^wiped volume many-' out.txt)" 100 "each is told"
is "$(grep -E '(execve|fork|clone3?)\(' trace | grep -vc CLONE_THREAD)" 1 "in one process"
like "$(grep -c CLONE_THREAD trace)" '^[1-9]' "of several threads"
udevadm settle --timeout=120 # it is slow to take 100 links away
nothing_left "after 100" "$before"

# Another program's device of the same name.
dmsetup create xeneph-vol-alien@crypt --table "0 32768 linear $disk 0"
open_vol alien --dir "$PWD" --size 16M
is "$status" 1 "a device of another program: open fails"
for verb in close arm; do
	run xen-ephemeral "$verb" alien
	is "$status" 1 "$verb fails"
	like "$err" "it was made by another program" "$verb says why"
done
run xen-ephemeral wipe --all
is "$status:$out" "0:nothing to wipe" "wipe --all leaves it alone"
like "$(dmsetup table xeneph-vol-alien@crypt)" linear "it is untouched"
dmsetup remove xeneph-vol-alien@crypt

# Killed in the middle: the name is free again, at the latest after close.
for call in ioctl add_key flock pwrite64 mlock; do
	for ((n = 1; n < 30; n++)); do
		timeout 60 strace -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" \
			xen-ephemeral open --name killed --dir "$PWD" --size 4M >/dev/null 2>&1
		last=$?
		[ "$last" = 137 ] || break
		xen-ephemeral close killed || fail_with "close after SIGKILL at $call $n"
		wait_for 10 eval '[ "$(host_state)" = "$before" ]' || fail_with "SIGKILL at $call $n leaves" "$(host_state)"
	done
	is "$last" 0 "SIGKILL at each $call ($((n - 1)) of them)"
	xen-ephemeral close killed
done
nothing_left "after all the kills" "$before"

# No Xen, said in one line.
for verb in "status" "verify --all" "sweep" "wipe nobody"; do
	# shellcheck disable=SC2086
	run xen-ephemeral $verb
	is "$status" 1 "$verb without Xen fails"
	is "$err" "xen-ephemeral: ${verb%% *}: cannot talk to Xen: is this dom0 of a Xen host, and is xenstored running?" "$verb: one line"
done
run setpriv --reuid 65534 xen-ephemeral status
is "$status" 1 "as another user it fails"
is "$err" "xen-ephemeral: status: cannot run: only root may look at and change these devices" "in one line"
fails "a full standard output is a failure" bash -c "xen-ephemeral open --name v --dir '$PWD' --size 16M >/dev/full"
xen-ephemeral close v
losetup -d "$disk"
