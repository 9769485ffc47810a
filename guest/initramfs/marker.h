/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file by which a toolstack knows that a kernel can do it, as Qubes knows it of memory hotplug
 * (memory-hotplug-supported). It is written last and removed first, and holds this program's version
 * and the SHA-256 of the initramfs that it speaks of, so that a package that replaced that is seen; in a
 * kernel that --output has made, also the name of the one that it was made from.
 */
#ifndef XE_MARKER_H
#define XE_MARKER_H

#include "kernel.h"

/* Tells whether the marker is there and speaks of exactly this initramfs. Returns 1, 0 or -1. */
int marker_is_right(const struct kernel *kernel, const struct bytes *initramfs, struct error *err);

/* Writes it. made_from: a kernel's name, or NULL. Returns 0 or -1. */
int marker_write(const struct kernel *kernel, const struct bytes *initramfs, const char *made_from,
		 struct error *err);

/* Copies the name of the kernel that this one was made from. Returns 1, 0 where it names none, or -1. */
int marker_made_from(const struct kernel *kernel, char name[KERNEL_NAME_ROOM], struct error *err);

#endif
