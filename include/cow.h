/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole cow disk: a snapshot of an origin, whose changes go to an encrypted device of its own.
 *
 * Two armed mappings, the snapshot over the store. The snapshot's table has the store and the origin
 * open, so the last close of the snapshot is the end of both: the kernel removes the snapshot, that is
 * the last close of the store, which takes the key with it, and of the origin's loop device.
 *
 * Each snapshot of a file has a loop device of its own. Snapshots of one block device are on one list in
 * the kernel, which only a write to the origin through a snapshot-origin device would walk (dm-snap.c,
 * __origin_write): there is none.
 */
#ifndef XE_COW_H
#define XE_COW_H

#include "error.h"
#include "mapping.h"
#include "role.h"

/* What is copied at once, in sectors of 512 bytes. The guest step uses the same: half as much would double
 * what the kernel's list of chunks takes of dom0's memory. */
#define COW_CHUNK 16

struct cow {
	struct mapping mapping; /* the snapshot */
};

/*
 * Builds the disk of a cow role for owner. When it returns 0 both devices are armed and cow->mapping.fd is
 * all that keeps them: closing that is their end unless something else has opened the snapshot. It is as
 * large as the origin, whole sectors of it. On -1 nothing is left.
 */
int cow_build(const struct role *role, struct mapping_owner owner, struct cow *cow,
	      struct error *err);

/*
 * Wipes both devices, by the snapshot's name: the store first, so that the key goes even if the origin's
 * storage hangs. ms for each. Returns 0, or -1 as mapping_wipe() does.
 */
int cow_wipe(const char *snapshot, unsigned int ms, struct error *err);

#endif
