#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# pre-mount hook, sourced by dracut: mounts dmroot and does the second half of the step. Who finds the
# root mounted mounts nothing: neither dracut's own loop nor systemd, whose sysroot.mount was made
# from root= long before anything was known about the disks.
# shellcheck disable=SC2154,SC2034 # dracut's variables

(
	exec 2>/dev/console
	# shellcheck source=guest/ephemeral-disks.sh
	. /usr/lib/xen-ephemeral/ephemeral-disks.sh
	# shellcheck source=guest/ephemeral-hook.sh
	. /usr/lib/xen-ephemeral/ephemeral-hook.sh
	ephemeral_begun || exit 0
	mode=ro
	! getargbool 0 rw || mode=rw
	options=$(getarg rootflags=)
	type=$(getarg rootfstype=)
	ephemeral_try "mount dmroot on $NEWROOT" mount -t "${type:-auto}" -o "$mode${options:+,$options}" \
		/dev/mapper/dmroot "$NEWROOT" || ephemeral_stop
	ephemeral_finish "$NEWROOT"
)
