/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose the devices are: a disk that libxl has on record, a name, or nobody's. */
#ifndef XE_OWNERSHIP_H
#define XE_OWNERSHIP_H

#include "domain.h"
#include "inventory.h"

/*
 * Tells whether nobody owns the device: its domain is gone, or libxl has no such disk of that domain on
 * record any more. An attach that is under way has its record already (libxl_disk.c writes it before
 * the script runs). A named volume belongs to whoever opened it; one that was never finished and that
 * nobody has open belongs to nobody. Returns 1, 0, or -1.
 */
int ownership_is_left(struct xen *xen, const struct device *device, struct error *err);

#endif
