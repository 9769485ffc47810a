# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pack FOLDER: the folder as a cpio archive for the kernel, on stdout. The kernel accepts archives
# one after another when each starts at a multiple of four bytes; cpio pads to 512.
pack() {
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R +0:+0 --quiet)
}
