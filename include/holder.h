/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What in dom0 claims a block device: another device that stands on it, or a mount. */
#ifndef XE_HOLDER_H
#define XE_HOLDER_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "inode.h"

/*
 * For a block device that does not open with O_EXCL: accepts it only if what holds it is known and
 * cannot write, that is, if each device on it (sysfs holders/) is read-only or a snapshot of ours with
 * it as origin, or each mount of it has a read-only superblock. Anything else is refused, an unknown
 * holder too. Returns 0 or -1.
 */
int holder_check_read_only(const struct inode *inode, struct error *err);

/* Tells whether holder, a device-mapper device, is the one device that stands on device (sysfs).
 * Returns 1 or 0, or -1 with errno set where that cannot be listed. */
int holder_is_only(dev_t device, dev_t holder);

/* Tells whether any device stands on it (sysfs); true also where that cannot be told. */
bool holder_is_any(dev_t device);

struct holder_mounts {
	bool any;
	bool writable;
};

/* Reads a mountinfo (proc(5)) from file and tells how the block device is mounted. */
void holder_read_mounts(FILE *file, dev_t device, struct holder_mounts *mounts);

#endif
