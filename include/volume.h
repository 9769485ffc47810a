/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole volatile disk: a store, a key that is already gone, and an armed mapping between them.
 */
#ifndef XE_VOLUME_H
#define XE_VOLUME_H

#include "error.h"
#include "mapping.h"
#include "role.h"

/* How long to wait for another process that is building the same named volume, in milliseconds. */
#define VOLUME_LOCK_MS 15000

struct volume {
	struct mapping mapping;
};

/*
 * Builds the volume of a volatile role, or the one below a cow disk, for owner. When it returns 0 the volume is armed, its first
 * 64 KiB read as zeros, and volume->mapping.fd is all that keeps it: closing that is the end of it
 * unless something else has opened it. On -1 nothing is left.
 */
int volume_build(const struct role *role, struct mapping_owner owner, struct volume *volume,
		 struct error *err);

/* Opens the volume or cow disk that owner already has, for the second disk of a stubdomain and its guest.
 * Returns 0, or -1: there is none, more than one, or it is not armed. */
int volume_join(struct mapping_owner owner, struct volume *volume, struct error *err);

/*
 * Builds the volume of a volatile role under a name, or finds the one that is there under it. It stays
 * when volume->mapping.fd is closed, with nobody having it open, until mapping_forget(), or until it
 * is armed and its last user closes it. Returns 0 or -1: not built, or there is one of that name with
 * another store or size, or a wiped one.
 */
int volume_open(const char *name, const struct role *role, struct volume *volume,
		struct error *err);

#endif
