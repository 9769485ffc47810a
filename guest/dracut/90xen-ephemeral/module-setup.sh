#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut module: in a Xen domain whose root and private disk are both read-only, everything is written to
# xvdc (README.md beside the step). What is decided here is only whether the module is of use; whether
# its way is the one to go is decided at each boot.
# shellcheck disable=SC2154 # dracut's variables

# The programs of the step, beside those that every initramfs has.
xen_ephemeral_programs() {
	echo dmsetup sfdisk mkswap swapon blkid udevadm mount umount mknod mkdir ln mv rm cat grep sed \
		sleep readlink chown head tail tr wc poweroff modprobe
}

check() {
	# shellcheck disable=SC2046 # words
	require_binaries $(xen_ephemeral_programs) || return 1
	# dom0's own initramfs has no disks of a domain.
	if [[ $hostonly ]] && grep -qsx '[0-]*' /sys/hypervisor/uuid; then return 255; fi
	return 0
}

depends() {
	echo base dm udev-rules
}

installkernel() {
	# Whatever the machine is on which the initramfs is made.
	hostonly='' instmods xen-blkfront dm-mod dm-snapshot ext4 crc32c_generic
}

install() {
	# shellcheck disable=SC2046 # words
	inst_multiple $(xen_ephemeral_programs)
	inst_multiple -o mkfs.ext4 mke2fs /etc/mke2fs.conf
	inst_simple "$moddir/ephemeral-disks.sh" /usr/lib/xen-ephemeral/ephemeral-disks.sh
	inst_simple "$moddir/ephemeral-hook.sh" /usr/lib/xen-ephemeral/ephemeral-hook.sh
	# Before the stock step of a Qubes template, 90-qubes_cow_setup.sh.
	inst_hook pre-trigger 10 "$moddir/xen-ephemeral-map.sh"
	inst_hook pre-mount 90 "$moddir/xen-ephemeral-mount.sh"
	if dracut_module_included systemd; then
		# dmroot is mounted already then, and xvda cannot be repaired.
		for unit in systemd-fsck-root.service systemd-fsck@.service; do
			inst_simple "$moddir/not-when-mapped.conf" \
				"$systemdsystemunitdir/$unit.d/xen-ephemeral.conf"
		done
	fi
}
