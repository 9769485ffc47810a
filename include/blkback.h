/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Xen's block backend in the kernel has open, from its own sysfs files.
 *
 * /sys/bus/xen-backend/devices/vbd-<domid>-<devid>/{physical_device,mode} appear once blkback has
 * opened the device (drivers/block/xen-blkback/xenbus.c, xenvbd_sysfs_addif) and cannot be written
 * by anybody, which xenstore does not promise.
 */
#ifndef XE_BLKBACK_H
#define XE_BLKBACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

struct blkback_disk {
	dev_t device;
	bool writable;
};

/* Returns 1 and fills *disk if blkback has opened the disk, 0 if it has not, -1 on failure. */
int blkback_look(uint32_t domid, uint32_t devid, struct blkback_disk *disk, struct error *err);

/* Calls visit for each disk of any domain that blkback knows, opened or not. Returns 0 or -1. */
int blkback_each(void (*visit)(uint32_t domid, uint32_t devid, void *context), void *context,
		 struct error *err);

struct blkback_users {
	unsigned int readers;
	unsigned int writers;
};

/* Counts the disks of all domains that are this device, a partition of it, or the disk that it is a
 * partition of. Looks at each disk: O(disks). */
int blkback_users(dev_t device, struct blkback_users *users, struct error *err);

#endif
