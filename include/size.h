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

#endif
