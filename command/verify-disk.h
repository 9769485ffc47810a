/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof for the disks of one domain. */
#ifndef XE_VERIFY_DISK_H
#define XE_VERIFY_DISK_H

#include "inventory.h"
#include "proof.h"
#include "record.h"
#include "scan.h"
#include "verify-device.h"

/* Proves each disk on libxl's record of domid, and that blkback serves it no other. users are the domain
 * and its stubdomain, if there is one. With a marker, not NULL, each store is searched for it. */
void verify_disks(struct proof *proof, const struct inventory *inventory,
		  const struct record *record, uint32_t domid, struct verify_users users,
		  const struct scan_marker *marker);

#endif
