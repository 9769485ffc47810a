/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One encrypted device, looked at. */
#ifndef XE_DEVICE_H
#define XE_DEVICE_H

#include "inventory.h"

/* Fills *device. Returns 1, 0 when it is gone, or -1. */
int device_look(const char *name, struct device *device, struct error *err);

/* Describes a block device: the file behind a loop device, or the name under /dev. */
void device_describe_store(dev_t store, char *text, size_t size);

#endif
