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
	bool discard;
};

/*
 * Writes the parameters of a crypt target (Documentation/admin-guide/device-mapper/dm-crypt.rst):
 * AES-256-XTS, 64-byte logon key by its description, IVs counted from 0, all of the store.
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
	bool others;	     /* it has options that table_crypt_params() never sets */
};

/* Parses them. Returns false for what is not a crypt target's parameters; *shown is then undefined. */
bool table_parse_crypt(const char *params, struct table_crypt_shown *shown);

/* The length, in sectors of 512 bytes, that a table over a store of that many bytes can have: whole
 * sectors of the given size only. */
uint64_t table_sectors(uint64_t bytes, unsigned int sector);

#endif
