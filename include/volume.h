/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole volatile disk: a store, a key that is already gone, and an armed mapping between them.
 */
#ifndef XE_VOLUME_H
#define XE_VOLUME_H

#include "error.h"
#include "mapping.h"
#include "role.h"

struct volume {
	struct mapping mapping;
};

/*
 * Builds the volume of a volatile role for owner. When it returns 0 the volume is armed, its first
 * 64 KiB read as zeros, and volume->mapping.fd is all that keeps it: closing that is the end of it
 * unless something else has opened it. On -1 nothing is left.
 */
int volume_build(const struct role *role, struct mapping_owner owner, struct volume *volume,
		 struct error *err);

/* Opens the volume that owner already has, for the second disk of a stubdomain and its guest.
 * Returns 0, or -1: there is none, more than one, or it is not armed. */
int volume_join(struct mapping_owner owner, struct volume *volume, struct error *err);

#endif
