/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where ciphertext lands: an anonymous file, an existing file, or a block device, ours alone.
 *
 * Held open from store_open() until a mapping stands on it, which then keeps it; from there on the
 * kernel gives all of it back by itself: mapping, loop device, anonymous file.
 */
#ifndef XE_STORE_H
#define XE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "loop.h"
#include "role.h"

/* Below this no guest can put a partition table and a partition on it: partitions start at 1 MiB. */
#define STORE_BYTES_MIN (2u << 20)

struct store {
	dev_t device; /* what a table names: the loop device, or the block device itself */
	uint64_t bytes;
	struct loop loop; /* over a file */
	int guard;	  /* a block device, under flock; or -1 */
};

/*
 * Opens the store of a volatile role.
 *
 * dir: a new O_TMPFILE file, sparse, which has no name and never gets one; a filesystem without them
 * is an error. dev, a file: refused unless a write lease shows that nothing else has it open. dev, a
 * block device: refused unless it opens with O_EXCL and no blkback has it, both looked at and held
 * under flock on its node, for which it waits up to 5 s. Returns 0 or -1.
 */
int store_open(const struct role *role, struct store *store, struct error *err);

/*
 * Checks, once a mapping stands on a block device, that it alone does. device-mapper claims a device
 * with one holder for all of its tables (dm.c, _dm_claim_ptr), so two that were loaded at the same
 * moment would both be let in. mapping is the mapping's own device. Returns 0 or -1.
 */
int store_check_alone(const struct store *store, dev_t mapping, struct error *err);

/* Tells whether a device of that many 512-byte sectors over store is what the role asks for: the same
 * block device or existing file, or an anonymous file of the same size. */
bool store_is(const struct role *role, dev_t store, uint64_t sectors);

/* Gives up what store_open() holds; a mapping that stands on it keeps it alive. Safe to repeat. */
void store_close(struct store *store);

#endif
