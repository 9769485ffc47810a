/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes as people write them. */
#ifndef XE_SIZE_H
#define XE_SIZE_H

#include <stdint.h>

#include "error.h"

/*
 * Parses "4096", "64K", "300M", "12G", "2T" (powers of 1024, upper case) into bytes.
 *
 * Accepts what a file can have: above 0, at most 2^63 - 1, a multiple of 4096, so that no sector size
 * leaves a rest. No sign, no blank, no leading zero, nothing after the unit. Returns 0 or -1.
 */
int size_parse(const char *text, uint64_t *bytes, struct error *err);

/* Room for what size_format() and size_format_time() write. */
#define SIZE_TEXT_MAX 24

/* Writes bytes for people: "0 B", "64 KiB", "1.5 GiB"; a fraction has one digit, cut, not rounded. */
void size_format(uint64_t bytes, char text[SIZE_TEXT_MAX]);

/* Writes seconds for people, in the largest whole unit: "59 s", "3 min", "2 h", "4 d". */
void size_format_time(uint64_t seconds, char text[SIZE_TEXT_MAX]);

#endif
