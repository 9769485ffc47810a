#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# The package is removed while two domains use their disks: they go on, encrypted and armed, and nothing is left after
# their ends. No other disk can be attached until the package is there again.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh
volatile="volatile:dir=$PWD,size=32M"
marker=PACKAGE-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)

# package_put_back: dpkg unpacks it, and runs its scripts.
package_put_back() { dpkg --install /packages/*.deb; }
# The tests that follow want it, however this one ends.
trap 'package_there || package_put_back' EXIT
trap 'exit 1' TERM

package_there() { [ "$(dpkg-query -W -f '${db:Status-Status}' xen-ephemeral)" = installed ]; }

# package_left: what is still there of it. dpkg keeps a record of it; the test programs and symbols are not its.
package_left() {
	while IFS= read -r path; do
		[ ! -e "$path" ] && [ ! -L "$path" ] || [ -d "$path" ] || echo "$path"
	done <owned
	find / -xdev \( -path '/var/lib/dpkg/*' -o -path /packages -o -path /tests -o -path '/usr/lib/*-tests' \
		-o -path /usr/lib/debug \) -prune -o \( -name '*xen-ephemeral*' -o -name 'block-ephemeral*' \) -print
}

# What each guest does: it writes, waits for a word, writes again, waits, and powers off.
# shellcheck disable=SC2016 # the guest expands it
use='put() { echo '$marker'-$1 | dd of=/dev/xvdc bs=4096 seek=$1 conv=sync oflag=direct 2>/dev/null && echo WROTE $1; }
put 1; read word </dev/hvc0; put 2; read word </dev/hvc0'

# tell NAME: types a word at the guest's console.
tell() { echo go >"$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty")"; }

# in_use NAME: its disk is a mapping that is armed and that blkback has open.
in_use() {
	local mapping
	mapping=$(mapping_of "$(xl domid "$1")" $xvdc)
	like "$(dmsetup info "$mapping")" "ACTIVE \(DEFERRED REMOVE\)" "$1: its disk is armed"
	is "$(dmsetup info -c --noheadings -o open "$mapping")" 1 "$1: blkback alone has it open"
	like "$(dmsetup table "$mapping")" "^0 65536 crypt aes-xts-plain64 " "$1: it is encrypted"
}

truncate -s 16M plain.img
before=$(host_state)
for name in user other; do
	GUEST_MEMORY=128 GUEST_RUN=$use guest_config "$name" "$(disk ro xvda "$PWD/plain.img")" "$(disk rw xvdc "$volatile")"
	ok "$name: a guest starts" guest_start "$name"
	ok "$name: it writes" guest_wait_for_text "$name" "WROTE 1" 90
done
attached=$(host_state)

dpkg -L xen-ephemeral >owned
ok "dpkg --remove" dpkg --remove xen-ephemeral
fails "the package is not installed any more" package_there
is "$(package_left)" "" "nothing of it is left"
is "$(host_state)" "$attached" "that changes nothing of their devices"
for name in user other; do
	in_use "$name"
	tell "$name"
	ok "$name: goes on writing" guest_wait_for_text "$name" "WROTE 2" 30
	device=$(device_of "$(mapping_of "$(xl domid "$name")" $xvdc)")
	is "$(count_in "$marker-2" "$device")" 1 "$name: what it wrote is found through the mapping"
	is "$(count_in "$marker" "$(store_of "$device")")" 0 "$name: and in no byte of the store"
	in_use "$name"
done

# Fails closed: Xen has no script to run.
fails "no disk can be attached now" xl block-attach user "$(disk rw xvdd "$volatile")"
xl block-detach --force user xvdd >/dev/null 2>&1
is "$(host_state)" "$attached" "and nothing comes of it"

tell other
ok "other: powers off" guest_gone other 60
ok "user: xl destroy" xl destroy user
nothing_left "after both" "$before"
is "$(xenstore-ls /local/domain/0/backend/vbd 2>/dev/null)" "" "no disk is left in xenstore"

ok "dpkg --install" package_put_back
ok "the package is installed again" package_there
is "$(dpkg --verify xen-ephemeral 2>&1)" "" "all of it"
GUEST_MEMORY=128 GUEST_RUN=$use guest_config again "$(disk rw xvdc "$volatile")"
ok "again: a guest starts" guest_start again
in_use again
xl destroy again
nothing_left "in the end" "$before"
