/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modules.img: an ext2, ext3 or ext4 filesystem, which an HVM guest's stubdomain mounts to boot the
 * /initramfs in it. Read and written through libext2fs, never mounted.
 *
 * qubes-prepare-vm-kernel --modules-only would build it anew. It is not used: it needs the kernel's
 * modules in dom0's own /lib/modules, knows one root folder only, leaves away what the first build was
 * given (--include-devel), and makes other bytes each time.
 */
#ifndef XE_IMAGE_H
#define XE_IMAGE_H

#include "kernel.h"

/* Reads the /initramfs in the image. Returns 1, 0 where it has none, or -1. */
int image_read(const struct kernel *kernel, const char *image, struct bytes *initramfs,
	       struct error *err);

/* Tells whether both are there and one filesystem, of which one is a copy that was changed. */
bool image_is_same(const struct kernel *kernel, const char *image, const char *other);

/*
 * Writes another /initramfs into the image, a copy that nothing else has open. Owner, mode, times,
 * attributes and flags of it stay. The image grows where there is no room, and is checked afterwards.
 * Returns 0 or -1; on -1 the copy is of no use.
 */
int image_write(const struct kernel *kernel, const char *image, const struct bytes *initramfs,
		struct error *err);

#endif
