/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a disk is to be, from the text that stands behind target= in a domain's configuration.
 *
 *	PATH                                   read-only
 *	volatile:dir=DIR,size=SIZE[,OPTION...] volatile, over an anonymous file in DIR
 *	volatile:dev=PATH[,OPTION...]          volatile, over a block device or an existing file
 *	cow:origin=PATH,dir=DIR,size=SIZE      a snapshot of PATH that keeps its changes on a volatile device
 *	cow:origin=PATH,dev=PATH
 *
 * OPTION is discard; sector=512 (the default) or sector=4096; workqueue=none (the default), read, write or
 * both. A path is absolute; behind a prefix it holds no comma, since a comma ends it.
 *
 * cow: has workqueue= alone of these: no discard, which dm-snapshot would hand down to the origin or ignore, and no sector=4096: the
 * guest then sees sectors of 4096 bytes, for which the origin's partitions and filesystems were not made.
 */
#ifndef XE_ROLE_H
#define XE_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* xenstore gives a node at most 4,096 bytes (XENSTORE_PAYLOAD_MAX, xs_wire.h), a path has PATH_MAX. */
#define ROLE_TEXT_MAX 4096

enum role_kind {
	ROLE_READ_ONLY,
	ROLE_VOLATILE,
	ROLE_COW,
};

struct role {
	enum role_kind kind;
	const char *origin;  /* read-only: the disk's path; cow: what is written over; else NULL */
	const char *dir;     /* volatile, cow: where the anonymous file goes, or NULL */
	const char *dev;     /* volatile, cow: the store's path, or NULL */
	uint64_t size;	     /* bytes, with dir */
	bool discard;	     /* hand discards down to the store */
	unsigned int sector; /* bytes of one encrypted sector: 512 or 4096 */
	unsigned int queues; /* of enum table_queue */
	char text[ROLE_TEXT_MAX]; /* what the pointers above point into */
};

/*
 * Parses length bytes of text, which may hold anything at all: it comes from xenstore. Control
 * characters, a NUL among them, are refused. Unknown, repeated and missing keys are errors. The
 * pointers in *role hold as long as *role stands where it is. Returns 0 or -1.
 */
int role_parse(const char *text, size_t length, struct role *role, struct error *err);

/*
 * Refuses a role that does not fit the vbd's mode node ("r" or "w", nothing else: blkback looks for
 * a 'w' anywhere in it, drivers/block/xen-blkback/xenbus.c), and any writable role for domain 0,
 * where pygrub would read what a guest wrote. Returns 0 or -1.
 */
int role_check(const struct role *role, const char *mode, unsigned int domid, struct error *err);

#endif
