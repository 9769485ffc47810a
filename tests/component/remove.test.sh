# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# remove: never a failure for what is gone already, never a node in xenstore.
volatile=volatile:dir=$T/files,size=4M

# removes NAME: twice, and xenstore is as it was, down to the last node.
removes() {
	local before
	before=$(xen xenstore-ls -f)
	remove
	is "$status$stderr" 0 "$1"
	remove
	is "$status$stderr" 0 "$1, once more"
	is "$(xen xenstore-ls -f)" "$before" "$1: xenstore stays as it is"
}

disk=backend/vbd/7/51712
removes "of a disk that never was"
new_vbd "$volatile" w
removes "before add"
new_vbd "$volatile,x" w
refused "a target that is refused" 'unknown option'
removes "after an add that failed"
new_vbd "$volatile" w
accepted "a disk to be removed"
destroy
removes "with the path gone"
file root.img 4M
new_vbd "$file" r
accepted "a read-only disk to be removed"
removes "of a read-only disk that is attached"
is "$(loops | wc -l)" 1 "remove leaves the read-only disk to its last close"
destroy
wait_for 10 nothing_left

# The guest still holds it: the key goes, the rest with the last close. How long the program takes where there is nothing
# to wait for is this machine's, and valgrind's.
began=$(date +%s%3N)
remove
idle=$(($(date +%s%3N) - began))
new_vbd "$volatile" w
accepted "a disk that stays open"
mark
began=$(date +%s%3N)
remove
took=$(($(date +%s%3N) - began))
is "$status$stderr" 0 "of a disk that is open"
ok "of a disk that is open: waits for blkback, not for long ($took ms, $idle without)" \
	test "$took" -ge 1000 -a "$took" -le $((8000 + 4 * idle))
name=$(ls "$SHIM/maps")
is "$(events | grep -v '^info\|^xs_\|^list')" "remove-deferred $name
status $name
reload $name error
resume $name
table $name" "of a disk that is open: swaps in an error table"
is "$(maps | wc -l)" 1 "of a disk that is open: it goes with its last close"
destroy
nothing "of a disk that is open: then all is gone"

# Storage that does not answer is said, and is the one failure there is.
new_vbd "$volatile" w
accepted "another disk that stays open"
SHIM_FAIL=resume=4 remove
like "$status $stderr" '^1 xen-ephemeral: remove: disk 51712 of domain .*cannot start the error table' \
	"of a disk that cannot be wiped"
is "$(node hotplug-error)$(node hotplug-status)" connected "of a disk that cannot be wiped: xenstore stays"
destroy
wait_for 10 nothing_left

# blkback closes a moment later than it says.
new_vbd "$volatile" w
accepted "a disk that is closed late"
mark
looked() { sed -n '/^remove-deferred/,$p' "$SHIM/log" | grep -q '^info'; }
(wait_for 20 looked && destroy) &
remove
wait "$!"
is "$status$stderr $(events | grep -c 'reload')" "0 0" "of a disk that is closed late: nothing to wipe"

# Of others nothing is touched.
domid=100
new_vbd "$volatile" w
accepted "domain 101"
other=$disk
stranger=xeneph-10-51712-0123456789abcdef@crypt
echo "$((SHIM_BASE + 60)) CRYPT-LUKS2-xeneph none 0" >"$SHIM/maps/$stranger"
domid=9
new_vbd "$volatile" w
accepted "domain 10"
destroy
mark
remove
is "$status$stderr" 0 "of domain 10's disk"
is "$(events | grep -c 'remove.*xeneph-101-\|reload')" 0 "domain 101's disk is left alone"
is "$(events | grep -c "remove.*$stranger")" 0 "a mapping with our name but not our UUID is left alone"
ok "and stays" test -e "$SHIM/maps/$stranger"
rm "$SHIM/maps/$stranger"
destroy "$other"
wait_for 10 nothing_left

# A device that never came to be armed, and has nothing in it: all that SIGKILL in add can leave.
new_vbd "$volatile" w
SHIM_KILL=remove-deferred add
is "$status $(maps | cut -d' ' -f5)" "137 error" "add killed before it arms leaves an empty mapping"
removes "after that"
nothing "after that: nothing is left"
for at in add_key reload-crypt invalidate_key resume pwrite xs_transaction_start; do
	new_vbd "$volatile" w
	SHIM_KILL=$at add
	is "$status" 137 "add killed at $at"
	nothing "add killed at $at: nothing is left, without remove"
done
