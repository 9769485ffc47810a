#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A dracut module that makes an initramfs of the Qubes "simple" kind: an /init of its own in place of
# dracut's, and what it calls.

check() {
	return 255
}

depends() {
	echo dm
}

installkernel() {
	hostonly='' instmods overlay
}

install() {
	# shellcheck disable=SC2154 # dracut's
	inst "$moddir/stock-init" /init
	inst "$moddir/gptfix" /usr/sbin/gptfix
	inst_multiple readlink uname grep kmod modprobe ln switch_root mount umount mkdir rmdir sleep \
		sfdisk mkswap
}
