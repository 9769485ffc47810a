/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole read-only disk: what a read-only role names, checked and opened.
 *
 * Any number of domains may share one. A file gets a read-only loop device of its own and is refused
 * while anything has it open for writing. A block device is handed on as it is and is refused while
 * dom0 can write to it through a mount or another device, or a domain has it attached writable.
 */
#ifndef XE_ORIGIN_H
#define XE_ORIGIN_H

#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "loop.h"

struct origin {
	dev_t device;	  /* what blkback is to open */
	struct loop loop; /* over a file */
	int fd;		  /* a block device, held until blkback has it; or -1 */
};

/* Opens what path names. Returns 0 or -1. */
int origin_open(const char *path, struct origin *origin, struct error *err);

/* Sets *bytes to its size. path names it in messages. Returns 0 or -1. */
int origin_size(const struct origin *origin, const char *path, uint64_t *bytes, struct error *err);

/* Looks at a block device once more, when a snapshot stands on it: what came to write to it after
 * origin_open() had looked is refused. Nothing else has a way to an origin's own loop device. Returns 0 or -1. */
int origin_check_again(const struct origin *origin, const char *path, struct error *err);

/* Gives up what origin_open() holds; what blkback has open stays. Safe to repeat. */
void origin_close(struct origin *origin);

#endif
