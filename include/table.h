/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of device-mapper tables, as text. */
#ifndef XE_TABLE_H
#define XE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TABLE_PARAMS_MAX 384

struct table_crypt {
	const char *key; /* description of the logon key, without blanks */
	dev_t store;
	unsigned int sector; /* bytes: 512 or 4096 */
	unsigned int queues; /* of enum table_queue */
	bool discard;
};

/* Which requests dm-crypt hands to work queues instead of doing their cipher where they come in: more CPUs for a
 * deep queue, at the price of a switch to another thread for each request. */
enum table_queue {
	TABLE_QUEUE_READ = 1,
	TABLE_QUEUE_WRITE = 2,
};

/*
 * Writes the parameters of a crypt target (Documentation/admin-guide/device-mapper/dm-crypt.rst):
 * AES-256-XTS, 64-byte logon key by its description, IVs counted from 0, all of the store. A queue that
 * is not wanted is an option there: no_read_workqueue, no_write_workqueue (Linux 5.9).
 */
void table_crypt_params(const struct table_crypt *crypt, char params[TABLE_PARAMS_MAX]);

/* A crypt target's parameters as the kernel prints them. */
struct table_crypt_shown {
	char cipher[64];	/* "aes-xts-plain64" */
	unsigned int key_bytes; /* of a key in the kernel's keyrings, else 0 */
	char key_type[16];	/* "logon"; "" where the key itself stands in the table */
	char key[160];		/* the key's description, never the key */
	unsigned long long iv_offset;
	unsigned long long start; /* in the store, in 512-byte sectors */
	dev_t store;
	bool discard;
	unsigned int sector; /* bytes */
	unsigned int queues; /* of enum table_queue */
	bool others;	     /* it has options that table_crypt_params() never sets */
};

/* Parses them. Returns false for what is not a crypt target's parameters; *shown is then undefined. */
bool table_parse_crypt(const char *params, struct table_crypt_shown *shown);

/* A snapshot, of which nothing outlives its table. */
struct table_snapshot {
	dev_t origin; /* opened read-only by the kernel (dm-snap.c, snapshot_ctr) */
	dev_t store;
	unsigned int chunk; /* sectors of 512 bytes that are copied at once */
};

/*
 * Writes the parameters of a snapshot target (Documentation/admin-guide/device-mapper/snapshot.rst),
 * not persistent ("N"): its list of chunks is in memory only.
 */
void table_snapshot_params(const struct table_snapshot *snapshot, char params[TABLE_PARAMS_MAX]);

/* Parses what table_snapshot_params() writes, as the kernel prints it. Returns false for anything else:
 * another kind of snapshot, or one with options. */
bool table_parse_snapshot(const char *params, struct table_snapshot *snapshot);

/* How full a snapshot's store is, in sectors of 512 bytes. */
struct table_fill {
	bool invalid; /* the store was full, or failed: every request fails from then on */
	uint64_t used;
	uint64_t total;
};

/* Parses a snapshot target's status. Returns false for what is none. */
bool table_parse_fill(const char *status, struct table_fill *fill);

/* The length, in sectors of 512 bytes, that a table over a store of that many bytes can have: whole
 * sectors of the given size only. */
uint64_t table_sectors(uint64_t bytes, unsigned int sector);

#endif
