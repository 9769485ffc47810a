/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All the devices of ours that the kernel has, each with what it says of itself. */
#ifndef XE_INVENTORY_H
#define XE_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "mapping.h"

enum device_table {
	DEVICE_CRYPT,
	DEVICE_SNAPSHOT, /* a cow disk */
	DEVICE_WIPED,	 /* the error table: no key, no store */
	DEVICE_EMPTY, /* no table in use: an attach in its first steps, or one that was killed there */
	DEVICE_OTHER, /* a table that is none of ours */
};

struct device {
	char name[MAPPING_NAME_MAX];
	struct mapping_identity identity;
	struct mapping_state state;
	enum device_table table;
	struct table_crypt_shown crypt; /* of DEVICE_CRYPT, and of what is below DEVICE_SNAPSHOT */
	struct table_snapshot snapshot; /* of DEVICE_SNAPSHOT */
	struct table_fill fill;
	bool encrypted; /* DEVICE_CRYPT, or DEVICE_SNAPSHOT over one that is */
	bool loaded;	/* a second table waits to be started */
	uint64_t bytes;
	uint64_t written; /* bytes of ciphertext since it was made */
	int64_t age;	  /* seconds, or -1 where the kernel does not say */
	char store[512];  /* a path, or what it is */
	char origin[512]; /* the same, of DEVICE_SNAPSHOT */
};

struct inventory {
	struct device *devices; /* owned */
	unsigned int count;
};

/* Reads them all: a cow disk's store before its snapshot, as they are to be wiped. What goes away in the
 * meantime is left out. Returns 0, or -1 with nothing to free. */
int inventory_read(struct inventory *inventory, struct error *err);

void inventory_free(struct inventory *inventory);

/* Returns the domain's device that is that disk, not one below it, or NULL. */
const struct device *inventory_find(const struct inventory *inventory, uint32_t domid,
				    uint32_t devid);

/* Returns the device with that number, or NULL. */
const struct device *inventory_find_number(const struct inventory *inventory, dev_t number);

#endif
