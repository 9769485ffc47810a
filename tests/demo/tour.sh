#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make tour`: runs in dom0 of the emulated Xen host and prints docs/tour.md, with what the commands really
# print. Ends with 1 if one of them does not do what the page says.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

failed=0

# type_in COMMAND: as a person would see it. Sets status.
type_in() {
	echo "# $1"
	eval "$1" 2>&1 </dev/null
	status=$?
}

expect() { [ "$status" = "$1" ] || { echo "FAILED: status $status, not $1" && failed=1; }; }

head -c 18 /dev/urandom | base64 | tr -d '+/=\n' >marker
example_images "$(cat marker)"
# A store that an emulated machine reads in seconds.
sed 's/size=12G/size=300M/' /usr/share/doc/xen-ephemeral/examples/disp.cfg >disp.cfg
cp disp.cfg "$guest_dir/disp.cfg"
cat <<X
# A tour in 60 seconds

What stands here was printed by \`make tour\`, on an emulated host with Xen $(xl info xen_version) and Linux $(uname -r).
[disp.cfg](examples/disp.cfg) is the example that comes along, with \`size=300M\`.

## Start a disposable domain

Keep it only if the promise holds:

\`\`\`
X
type_in 'xl create -q disp.cfg'
expect 0
guest_wait_for_text disp "GUEST READY" 120 >/dev/null || { guest_console disp | tail -n 20 && exit 1; }
type_in 'xen-ephemeral verify disp'
expect 0
cat <<X
\`\`\`

## What the guest sees

\`\`\`
$(guest_console disp | grep -E '^(Filesystem|/dev/.*%)')
\`\`\`

\`/\` and \`/rw\` are snapshots in the guest; what is written to them, and its swap, goes to xvdc. In dom0:

\`\`\`
X
type_in 'xen-ephemeral status'
expect 0
cat <<X
\`\`\`

## Do not believe it, look

The guest has written a text of its own to \`/\`, to \`/rw\` and to swap. Every byte of the store is read:

\`\`\`
X
sync
type_in 'xen-ephemeral verify --scan marker disp | grep marker'
expect 0
cat <<X
\`\`\`

## It ends

\`\`\`
X
type_in 'xl destroy disp'
expect 0
wait_for 20 eval '! dmsetup ls | grep -q xeneph'
type_in 'xen-ephemeral status'
expect 0
type_in 'losetup -a; dmsetup ls; ls -A /var/lib/xen-ephemeral'
echo '```'
example_images_end
[ "$failed" = 0 ]
