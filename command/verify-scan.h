/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof by looking: what the domain wrote is not in its store. */
#ifndef XE_VERIFY_SCAN_H
#define XE_VERIFY_SCAN_H

#include "inventory.h"
#include "proof.h"
#include "scan.h"

/*
 * Reads the whole store below device, an encrypted one, and proves that the marker is not in it. Then
 * reads the whole device: a marker that is there through the encryption shows that the search finds
 * what there is, and is a warning where it is not. Both end when the device does.
 */
void verify_scan(struct proof *proof, const char *subject, const struct device *device,
		 const struct scan_marker *marker);

#endif
