/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxl's own record of a domain's disks: /libxl/<domid>/device/vbd, which no guest can read or write
 * (libxl_device.c, libxl__device_generic_add). libxl_device_disk_list() reads the same nodes, but
 * cuts params at the first ':' and leaves the script out (libxl_disk.c, libxl__disk_from_xenstore).
 */
#ifndef XE_RECORD_H
#define XE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "domain.h"
#include "error.h"

struct record_disk {
	uint32_t domid; /* the guest's, or its stubdomain's */
	uint32_t devid;
	uint32_t backend; /* the domain that serves it: 0 is dom0 */
	char *params;	  /* what stands behind target=, or NULL */
	char *script;	  /* the hotplug script's path, or NULL */
	char vdev[32];	  /* "xvdc" */
	char kind[16];	  /* "vbd"; what is another way to storage has another kind */
	bool writable;
};

struct record {
	struct record_disk *disks; /* by devid, owned */
	unsigned int count;
};

/* Reads the disks of a domain. Returns 0, or -1 with nothing to free. */
int record_read(struct xen *xen, uint32_t domid, struct record *record, struct error *err);

void record_free(struct record *record);

/* Tells whether it has a disk of that number, of that kind; of any kind where kind is NULL. */
bool record_has(const struct record *record, uint32_t devid, const char *kind);

/* Tells whether the disk's script is block-ephemeral, wherever it is installed. */
bool record_is_ephemeral(const struct record_disk *disk);

#endif
