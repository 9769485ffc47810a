#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: searches every state that the models can come to, with spin.
#
# The models as the code is have to hold in each scenario. A wrong order, one at a time, has to be
# found, and it has to break the one property that is looked at: so the properties can fail.
#
#	LOGS	a folder for the verifier's output and the steps to what it found
#	JOBS	how many searches at once, default 2: each may take 700 MB
set -u
here=$(cd "$(dirname "$0")" && pwd)
logs=${LOGS:?}
mkdir -p "$logs"
logs=$(cd "$logs" && pwd) || exit 1
rm -f "$logs"/model-*
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

attach_checks=(-DCHECK_ARMED -DCHECK_ENCRYPTED -DCHECK_KEY -DCHECK_DEVICE -DCHECK_OWNER -DCHECK_USERS
	-DCHECK_SWEEP)
volume_checks=(-DCHECK_ONCE -DCHECK_KEY -DCHECK_CLOSE -DCHECK_LEFT -DCHECK_DEVICE)

# search LOG OPTIMIZE MODEL FLAG...: status 0 when it came to its end, whatever it found. The
# preprocessor's flags are the scenario. A depth that does not suffice is an error, as a time that runs
# out is. OPTIMIZE is the compiler's: it may take longer than the search that it makes quicker.
search() {
	local log=$1 optimize=$2 model=$3 folder
	shift 3
	folder=$(mktemp -d "$work/XXXXXX") && cp "$here"/*.pml "$folder" && cd "$folder" || return
	spin "$@" -a "$model.pml" >"$log" 2>&1 &&
		gcc "$optimize" -w -DSAFETY -DVECTORSZ=512 -o pan pan.c >>"$log" 2>&1 &&
		timeout "${LIMIT:-300}" ./pan -m100000 -b >>"$log" 2>&1 || return
	[ ! -e "$model.pml.trail" ] || spin "$@" -t -p -g "$model.pml" >>"$log" 2>&1
	grep -q '^State-vector' "$log"
}

states() { sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$1"; }

# holds MODEL NAME FLAG...
holds() {
	local model=$1 name=$2 log=$logs/model-$1-${2// /-} checks=()
	shift 2
	[ "$model" = attach ] && checks=("${attach_checks[@]}") || checks=("${volume_checks[@]}")
	if search "$log" -Og "$model" "${checks[@]}" "$@" && grep -q 'errors: 0$' "$log"; then
		echo "ok - model: $model, $name: $(states "$log") states"
	else
		echo "not ok - model: $model, $name"
		grep -m 3 -E 'violated|invalid|error|Error|limit' "$log" | sed 's/^/# /'
		echo "# the steps to it: $log"
		touch "$work/failed"
	fi
}

# breaks MODEL NAME PROPERTY CHECK FLAG...
breaks() {
	local model=$1 name=$2 property=$3 log=$logs/model-$1-wrong-${2// /-}
	shift 3
	if search "$log" -O0 "$model" "$@" && grep -q "assertion violated $property " "$log"; then
		echo "ok - model: $model, $name: found, it breaks $property"
	else
		echo "not ok - model: $model, $name: not found as what breaks $property"
		grep -m 3 -E 'violated|invalid|errors:|Error' "$log" | sed 's/^/# /'
		touch "$work/failed"
	fi
}

run() {
	while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
	"$@" &
}

# The largest first.
run holds attach "two rounds" -DTWO_ROUNDS
run holds attach "two domains" -DTWO_DOMAINS
run holds attach "a stubdomain" -DSTUBDOMAIN
run holds volume "two names" -DSTANDING -DTWO_OPENS -DOTHER_NAME -DCLOSE
run holds attach "a cow disk wiped at any time" -DCOW -DWIPE -DCHECK_WIPE
run holds attach "the same while its origin hangs" -DCOW -DWIPE -DCHECK_WIPE -DORIGIN_HANGS
run holds attach "a cow disk with a second opener and swept at any time" -DCOW -DQEMU -DSWEEP
run holds attach "a cow disk with a second opener beside another device" -DCOW -DQEMU -DOTHER_DEVICE
run holds attach "a cow disk" -DCOW
run holds attach "a cow disk with a stubdomain" -DCOW -DSTUBDOMAIN -DCHECK_STORE
run holds attach "one disk"
run holds attach "wiped at any time" -DWIPE
run holds attach "swept at any time" -DSWEEP
run holds volume "opened twice and closed" -DTWO_OPENS -DCLOSE
run holds volume "opened and swept" -DCLOSE -DSWEEP
run holds volume "armed and closed" -DARM -DCLOSE

run breaks attach "published before armed" published_device_is_armed \
	-DCHECK_ARMED -DPUBLISH_BEFORE_ARM
run breaks attach "published before its key" published_device_is_encrypted \
	-DCHECK_ENCRYPTED -DPUBLISH_BEFORE_KEY
run breaks attach "its key before armed" key_is_in_armed_devices_only \
	-DCHECK_KEY -DKEY_BEFORE_ARM
run breaks attach "its key before armed and then killed" nothing_outlives_its_users \
	-DCHECK_USERS -DKEY_BEFORE_ARM
run breaks attach "the same without a name of ours" every_key_has_an_owner_or_a_name \
	-DCHECK_OWNER -DKEY_BEFORE_ARM -DNAMELESS
run breaks attach "a keyring that outlives its process" every_key_has_an_owner_or_a_name \
	-DCHECK_OWNER -DSESSION_KEYRING
run breaks attach "closed before blkback has it" attach_that_succeeds_has_its_own_device \
	-DCHECK_DEVICE -DCLOSE_BEFORE_AWAIT -DTWO_DOMAINS
run breaks attach "a sweep that does nothing" sweep_leaves_nothing -DCHECK_SWEEP -DIDLE_SWEEP
run breaks attach "a cow disk's key before its store is armed" key_is_in_armed_devices_only \
	-DCHECK_KEY -DCOW -DKEY_BEFORE_ARM
run breaks attach "a snapshot over the store before it is armed" key_is_in_armed_devices_only \
	-DCHECK_KEY -DCOW -DSNAPSHOT_BEFORE_ARM
run breaks attach "the snapshot not armed and then killed" nothing_outlives_its_users \
	-DCHECK_USERS -DCOW -DSNAPSHOT_BEFORE_ARM
run breaks attach "a snapshot published before armed" published_device_is_armed \
	-DCHECK_ARMED -DCOW -DPUBLISH_BEFORE_SNAPSHOT_ARMED
run breaks attach "a snapshot published before its table" published_device_is_encrypted \
	-DCHECK_ENCRYPTED -DCOW -DPUBLISH_BEFORE_SNAPSHOT_TABLE
run breaks attach "the store closed early and not looked at again" published_device_is_encrypted \
	-DCHECK_ENCRYPTED -DCOW -DSTORE_CLOSED_EARLY -DSTORE_UNLOOKED_AGAIN -DOTHER_DEVICE
run breaks attach "a snapshot closed before blkback has it" attach_that_succeeds_has_its_own_device \
	-DCHECK_DEVICE -DCOW -DCLOSE_BEFORE_AWAIT -DOTHER_DEVICE
run breaks attach "a store started without a look for a wipe" wipe_stops_the_disk \
	-DCHECK_WIPE -DCOW -DWIPE -DSTORE_UNLOOKED
run breaks attach "a snapshot started over a store that was wiped" wipe_stops_the_disk \
	-DCHECK_WIPE -DCOW -DWIPE -DSTORE_UNLOOKED_AGAIN
run breaks attach "a wipe that knows no snapshot but those it listed" wipe_stops_the_disk \
	-DCHECK_WIPE -DCOW -DWIPE -DWIPE_NOT_ABOVE
run breaks attach "a wipe of the store alone" wipe_stops_the_disk \
	-DCHECK_WIPE -DCOW -DWIPE -DWIPE_STORE_ALONE
run breaks attach "a wipe of the snapshot alone" wipe_takes_the_key \
	-DCHECK_WIPE -DCOW -DWIPE -DWIPE_SNAPSHOT_ALONE
run breaks attach "a wipe of the snapshot first while its origin hangs" wipe_takes_the_key \
	-DCHECK_WIPE -DCOW -DWIPE -DWIPE_SNAPSHOT_FIRST -DORIGIN_HANGS
run breaks attach "a store removed from below its snapshot" other_user_keeps_its_store \
	-DCHECK_STORE -DCOW -DSTUBDOMAIN -DREMOVE_STORE_FOR_ITSELF
run breaks attach "a sweep that leaves a cow disk" sweep_leaves_nothing -DCHECK_SWEEP -DCOW -DIDLE_SWEEP
run breaks volume "taken without a second look" own_device_was_given \
	-DCHECK_DEVICE -DTAKE_UNLOOKED -DSTANDING -DTWO_OPENS -DOTHER_NAME -DCLOSE
run breaks volume "built without the lock" finished_volume_is_not_built_again \
	-DCHECK_ONCE -DBUILD_UNLOCKED -DTWO_OPENS -DCLOSE
run breaks volume "closed without the lock" what_close_wiped_is_armed \
	-DCHECK_CLOSE -DCLOSE_UNLOCKED -DCLOSE
run breaks volume "disarmed before its key" key_has_an_arming_or_a_name -DCHECK_KEY -DDISARM_FIRST
run breaks volume "the same and then killed" what_is_left_can_be_swept -DCHECK_LEFT -DDISARM_FIRST
wait
[ ! -e "$work/failed" ]
