#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run in a Qubes template by qubes.PostInstall: tells dom0 whether the initramfs of the newest kernel has
# the step, for disposables that boot their template's own kernel. 90-qubes-core-agent.sh sends it.

# What a test may set beforehand.
: "${BOOT:=/boot}"

# Prints the newest kernel's initramfs, by the names that Debian and Fedora give them.
newest() {
	# shellcheck disable=SC2012 # versions have no odd characters, and find cannot sort them
	version=$(ls "$BOOT" | sed -n 's/^vmlinuz-//p' | sort -rV | head -n 1)
	for file in "$BOOT/initrd.img-$version" "$BOOT/initramfs-$version.img"; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# Prints the names of the files in an initramfs.
list() {
	if command -v lsinitramfs >/dev/null; then
		lsinitramfs "$1"
	else
		lsinitrd "$1"
	fi
}

supported=''
initramfs=$(newest)
if [ -n "$initramfs" ] && list "$initramfs" 2>/dev/null | grep -q '/ephemeral-disks\.sh$'; then
	supported=1
fi
qvm-features-request supported-feature.ephemeral-disposable="$supported"
