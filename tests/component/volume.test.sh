# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# Volatile disks: how they are built, and how they end.

name() { ls "$SHIM/maps"; }

# holder: the loop device that plays the disk's mapping.
holder() { losetup -n -O AUTOCLEAR "/dev/dm-$(cut -d' ' -f1 "$SHIM/maps/$(name)")" | xargs; }

empty=$(world)
new_vbd "volatile:dir=$T/files,size=4M" w
mark
accepted "dir="
is "$(events | sed "s/ 7:[0-9]* 0 2 / 7:N 0 2 /")" "xs_open
loop autoclear
create $(name)
reload $(name) error
remove-deferred $(name)
add_key logon xeneph:$(name)
reload-crypt $(name) crypt aes-xts-plain64 :64:logon:xeneph:$(name) 0 7:N 0 2 no_read_workqueue no_write_workqueue
invalidate_key
info $(name)
resume $(name)
pwrite 65536 at 0
xs_transaction_start
xs_write $disk/physical-device $(node physical-device)
xs_write $disk/hotplug-status connected
xs_transaction_end commit" "dir=: each step, in this order, and no other"
like "$(name)" "^xeneph-$domid-51712-[0-9a-f]{16}@crypt$" "dir=: the name"
like "$(maps)" " CRYPT-PLAIN-xeneph-$domid-51712-[0-9a-f]{16} crypt 8192$" "dir=: UUID and length"
is "$(holder)" 1 "dir=: is armed"
is "$(find "$T/files" -type f)" '' "dir=: the store has no name"
like "$(loops)" "$T/files/#[0-9]+ \(deleted\)" "dir=: the store is there"
keyless "dir=: no key is left"
is "$(node physical-device-path)" '' "dir=: QEMU is told no path"
destroy
unchanged "$empty" "dir=: all is gone before remove has run"
remove
is "$status$stderr" 0 "dir=: remove after that"

# table NAME OPTIONS PATTERN
table() {
	new_vbd "volatile:dir=$T/files,size=4M$2" w
	mark
	accepted "$1"
	like "$(events | grep "^reload.* crypt")" " 0 7:[0-9]+ 0$3$" "$1: the table"
	destroy
	wait_for 10 world_is "$empty" || fail_with "$1: nothing is left"
}
table "without options" '' ' 2 no_read_workqueue no_write_workqueue'
table "discard" ,discard ' 3 allow_discards no_read_workqueue no_write_workqueue'
table "sector=4096" ,sector=4096 ' 3 sector_size:4096 no_read_workqueue no_write_workqueue'
table "all" ,sector=4096,discard,workqueue=write ' 3 allow_discards sector_size:4096 no_read_workqueue'
table "workqueue=none" ,workqueue=none ' 2 no_read_workqueue no_write_workqueue'
table "workqueue=read" ,workqueue=read ' 1 no_write_workqueue'
table "workqueue=both" ,workqueue=both ''

# An old store's head must not be looked at as a partition table; the rest is left as it is.
file store 4M
tr '\0' x </dev/zero | head -c 4M >"$file"
new_vbd "volatile:dev=$file" w
accepted "dev=, a file"
is "$(maps | grep -c ' 8192$')" 1 "dev=, a file: all of it"
ok "dev=, a file: a lease holds nobody up" timeout 20 cmp -n 1 "$file" /dev/zero
destroy
wait_for 10 nothing_left
is "$(head -c 65536 "$file" | tr -d '\0' | wc -c) $(tail -c +65537 "$file" | tr -d x | wc -c)" "0 0" \
	"dev=, a file: 64 KiB of zeros at its head"
remove
is "$status$stderr" 0 "dev=, a file: remove"

loop_over "$file"
new_vbd "volatile:dev=$loop" w
mark
accepted "dev=, a block device"
is "$(events | grep -c ^loop)" 0 "dev=, a block device: no loop device"
destroy
wait_for 10 no_maps
ln -s "$loop" /dev/by-name
new_vbd "volatile:dev=/dev/by-name" w
accepted "dev=, by a symlink below /dev"
destroy
wait_for 10 no_maps
exec 7<"$loop"
flock -x 7
(sleep 1 && flock -u 7) &
new_vbd "volatile:dev=$loop" w
accepted "dev=, that udev looks at for a second"
exec 7<&-
destroy
wait_for 10 no_maps
loop_end "$loop"
truncate -s $((4194304 + 5 * 512)) "$file"
new_vbd "volatile:dev=$file,sector=4096" w
accepted "dev= that is no multiple of its sectors"
like "$(maps)" ' 8192$' "dev= that is no multiple of its sectors: the rest is not used"
destroy
rm "$file"

# Three at a time, as libxl attaches a domain's disks.
wait_for 10 world_is "$empty"
file root.img 4M
vbd 900 51712 "$file" r
vbd 900 51728 "$file" r
vbd 900 51744 "volatile:dir=$T/files,size=4M" w
for devid in 51712 51728 51744; do
	XENBUS_PATH=backend/vbd/900/$devid LD_PRELOAD=$BUILD/tests/component/dm-shim.so \
		"${under[@]}" "$program" add </dev/null 2>"$T/stderr.$devid" &
	adds+=($!)
done
wait "${adds[@]}"
for devid in 51712 51728 51744; do
	is "$(xen xenstore-read backend/vbd/900/$devid/hotplug-status)$(cat "$T/stderr.$devid")" connected \
		"three in parallel, $devid"
done
destroy backend/vbd/900
rm "$file"

# Not one loop device, mapping, key or node more after twenty.
wait_for 10 nothing_left
failures=
for ((i = 0; i < 20; i++)); do
	new_vbd "volatile:dir=$T/files,size=4M" w
	add
	failures+=$stderr
	destroy
	remove
	failures+=$stderr
done
is "$failures" '' "twenty, one after another"
nothing "twenty leave nothing"
