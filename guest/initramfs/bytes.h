/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in memory that grow up to a limit. */
#ifndef XE_BYTES_H
#define XE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct bytes {
	uint8_t *data;
	size_t length;
	size_t room;
	size_t limit; /* what length never goes beyond */
};

/* Makes room for more bytes behind length. Returns 0, or -1 with *err: beyond the limit, or no memory. */
int bytes_grow(struct bytes *bytes, size_t more, struct error *err);

/* Appends length bytes of data. Returns 0 or -1. */
int bytes_append(struct bytes *bytes, const void *data, size_t length, struct error *err);

/* Appends zeros until length is a multiple of 4, as a newc entry needs it. Returns 0 or -1. */
int bytes_align(struct bytes *bytes, struct error *err);

bool bytes_equal(const struct bytes *a, const struct bytes *b);
bool bytes_begins_with(const struct bytes *bytes, const struct bytes *first);

/* Frees what is held; safe to repeat. */
void bytes_free(struct bytes *bytes);

#define cleanup_bytes __attribute__((cleanup(bytes_free)))

#endif
