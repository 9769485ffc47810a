/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files, read and written. */
#ifndef XE_WHOLE_H
#define XE_WHOLE_H

#include "bytes.h"

/* Appends what can be read from fd. Returns 0 or -1. */
int whole_read(int fd, struct bytes *bytes, struct error *err);

/* Writes all of bytes to fd, and to the disk. Returns 0 or -1. */
int whole_write(int fd, const struct bytes *bytes, struct error *err);

/* Copies all of from into the empty file to, sharing its blocks where the filesystem can do that.
 * Returns 0 or -1. */
int whole_copy(int from, int to, struct error *err);

#endif
