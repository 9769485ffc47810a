# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The step as a hook of a distribution's initramfs: what root= names, and two halves with the initramfs'
# own mount of the root between them. Sourced behind ephemeral-disks.sh by the hooks of dracut and of
# initramfs-tools. See README.md.

# ephemeral_parameter NAME: prints the value of the kernel parameter NAME=VALUE, the last one's.
ephemeral_parameter() (
	value=
	read -r line <"$EPHEMERAL_PROC/cmdline" || :
	set -f
	for word in $line; do
		case $word in
		"$1="*) value=${word#*=} ;;
		esac
	done
	echo "$value"
)

# True in a Xen domain other than dom0: the hooks are also in the initramfs of whoever installed them
# where there is nothing to do, and there no boot must wait for disks. Every kernel that can be a
# domain has the bus, but only a domain has a device on it or says its hypervisor. dom0's uuid is
# all zeros.
ephemeral_domain() (
	type='' uuid=unknown
	read -r type 2>/dev/null <"$EPHEMERAL_SYS/hypervisor/type" || :
	read -r uuid 2>/dev/null <"$EPHEMERAL_SYS/hypervisor/uuid" || :
	case $uuid in
	*[!0-]*) ;;
	*) exit 1 ;;
	esac
	set -- "$EPHEMERAL_SYS"/bus/xen/devices/*
	[ "$type" = xen ] || [ -e "$1" ]
)

# ephemeral_link LINK: prints the name of the partition of xvda, or of xvda itself, that udev's LINK
# leads to. False when it leads elsewhere or, in bounded time, nowhere.
ephemeral_link() (
	ephemeral_await test -L "$1" || exit 1
	link=$(readlink "$1")
	case ${link##*/} in
	xvda*) echo "${link##*/}" ;;
	*) exit 1 ;;
	esac
)

# ephemeral_named ROOT: prints the kernel name of what the parameter root=ROOT means: a partition of
# xvda; nothing where finding it is left to us. False when it names something that is not on xvda:
# to boot another system than the one that was asked for would be no better than to boot none.
ephemeral_named() (
	name=${1#block:}
	case $name in
	UUID=* | LABEL=*) name=/dev/disk/by-$(ephemeral_tag "$name") ;;
	PARTUUID=* | PARTLABEL=*) name=/dev/disk/by-$(ephemeral_tag "$name") ;;
	esac
	case $name in
	/dev/disk/by-*) name=/dev/$(ephemeral_link "$EPHEMERAL_DEV/${name#/dev/}") ;;
	esac
	case $name in
	'' | /dev/xvda | /dev/mapper/dmroot) ;;
	/dev/xvda[0-9]*) echo "${name#/dev/}" ;;
	*) ephemeral_fail "cannot find the root: $1 is not on xvda" ;;
	esac
)

# ephemeral_tag TAG=VALUE: prints where below /dev/disk/by- udev has it.
ephemeral_tag() {
	case $1 in
	UUID=*) echo "uuid/${1#*=}" ;;
	LABEL=*) echo "label/${1#*=}" ;;
	PARTUUID=*) echo "partuuid/${1#*=}" ;;
	PARTLABEL=*) echo "partlabel/${1#*=}" ;;
	esac
}

# Rules for the udev of the initramfs and, as /run is handed over, for the one of the system.
ephemeral_udev_early() {
	[ -d "$EPHEMERAL_RUN/udev" ] || return 0
	mkdir -p "$EPHEMERAL_RUN/udev/rules.d" &&
		ephemeral_udev_rules >"$EPHEMERAL_RUN/udev/rules.d/99-zz-xen-ephemeral.rules" &&
		{ [ ! -e "$EPHEMERAL_RUN/udev/control" ] || udevadm control --reload || :; }
}

# ephemeral_retire FILE...: makes each script that is there one that does nothing: a stock step, which
# would map or partition the disks again. In the initramfs' memory, for this boot.
ephemeral_retire() {
	for stock; do
		[ ! -f "$stock" ] || printf '#!/bin/sh\n:\n' >"$stock" || return
	done
	unset stock
}

# The end of a boot that must not go on: no shell, and nothing that waits for a key. Never returns.
ephemeral_stop() {
	ephemeral_say "the boot ends here: powering off"
	sleep 1
	poweroff -f -f 2>/dev/null
	sleep 5
	echo 1 >"$EPHEMERAL_PROC/sys/kernel/sysrq"
	echo o >"$EPHEMERAL_PROC/sysrq-trigger"
	sleep 5
	echo c >"$EPHEMERAL_PROC/sysrq-trigger"
	while :; do sleep 60; done
}

ephemeral_mark() {
	: >"$EPHEMERAL_RUN/xen-ephemeral"
}

# True when the first half of the step was done in this boot.
ephemeral_begun() {
	[ -e "$EPHEMERAL_RUN/xen-ephemeral" ]
}

# ephemeral_begin ROOT: the decision and the first half. ROOT is what root= says. True when the system's
# root is now /dev/mapper/dmroot; false in every other combination, where nothing was changed;
# does not return when it fails. Swap is used at once, as the stock step of Qubes does: a check of
# a filesystem can need the memory.
ephemeral_begin() (
	ephemeral_domain || exit 1
	timeout=$(ephemeral_parameter ephemeral.timeout)
	# shellcheck disable=SC2034 # read by ephemeral-disks.sh
	case $timeout in
	'' | *[!0-9]*) ;;
	*) EPHEMERAL_TIMEOUT=$timeout ;;
	esac
	ephemeral_load xen-blkfront
	ephemeral_wanted || exit 1
	: "${EPHEMERAL_ROOT:=$(ephemeral_named "$1" || echo '?')}"
	[ "$EPHEMERAL_ROOT" != '?' ] || ephemeral_stop
	{ ephemeral_try "make udev's rules" ephemeral_udev_early && ephemeral_map; } || ephemeral_stop
	ephemeral_try "use swap on xvdc1" swapon "$EPHEMERAL_DEV/xvdc1" || :
	ephemeral_try "note in $EPHEMERAL_RUN that the disks are mapped" ephemeral_mark || ephemeral_stop
)

# ephemeral_finish DIR: the second half, with dmroot mounted at DIR, read-only or not, and left so. Does
# not return when it fails.
ephemeral_finish() (
	was=$(sed -n "s#^[^ ]* $1 [^ ]* \(r[ow]\).*#\1#p" "$EPHEMERAL_PROC/mounts" | tail -n 1)
	ephemeral_try "make dmroot writable" mount -o remount,rw "$EPHEMERAL_DEV/mapper/dmroot" "$1" ||
		ephemeral_stop
	ephemeral_adapt "$1" || ephemeral_stop
	[ "$was" = rw ] || ephemeral_try "make dmroot read-only" \
		mount -o remount,ro "$EPHEMERAL_DEV/mapper/dmroot" "$1" || ephemeral_stop
)
