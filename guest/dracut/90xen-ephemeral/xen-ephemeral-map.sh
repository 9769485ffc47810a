#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# pre-trigger hook, sourced by dracut: the first half of the step. udevd runs already, so it knows the
# mappings from their start; the disks were not triggered yet.
#
# Whatever root= names is read as what it means on xvda; from here on the root is dmroot, for dracut's
# own hooks too. One that waits for the old name would wait for a link that may never come.
# shellcheck disable=SC2154,SC2034,SC2031 # dracut's variables

if (
	exec 2>/dev/console
	# shellcheck source=guest/ephemeral-disks.sh
	. /usr/lib/xen-ephemeral/ephemeral-disks.sh
	# shellcheck source=guest/ephemeral-hook.sh
	. /usr/lib/xen-ephemeral/ephemeral-hook.sh
	ephemeral_begin "$root" || exit 1
	ephemeral_retire "$hookdir"/pre-trigger/*qubes_cow_setup* || ephemeral_stop
); then
	rm -f "$hookdir"/initqueue/finished/devexists-*xvda*.sh \
		"$hookdir"/initqueue/finished/devexists-*disk*by-*.sh
	root=block:/dev/mapper/dmroot
	rootok=1
fi
