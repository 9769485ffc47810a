/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entries of an unpacked newc archive, read as Linux reads them (init/initramfs.c). */
#ifndef XE_NEWC_H
#define XE_NEWC_H

#include "bytes.h"

/* PATH_MAX of Linux, which leaves out what has a longer name. */
#define NEWC_NAME_MAX 4096

struct newc_entry {
	const char *name; /* ends with a NUL, within the archive */
	uint32_t mode;
	uint32_t links;
	const uint8_t *body;
	size_t length;
};

/*
 * Reads the entry at *at, which is a multiple of 4, and sets *at behind it. The pointers in *entry go
 * into data. Returns 0, or -1: cut off, or not what any archiver writes.
 */
int newc_read(const uint8_t *data, size_t length, size_t *at, struct newc_entry *entry,
	      struct error *err);

/* The entry that ends an archive. */
bool newc_is_end(const struct newc_entry *entry);

/*
 * Writes an entry's name as Linux comes to it from "/": "./init", "/init" and "init" are one. clean
 * has room for NEWC_NAME_MAX bytes. Returns 0, or -1 for a name with "..".
 */
int newc_clean_name(const char *name, char *clean, struct error *err);

#endif
