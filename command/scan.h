/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads every byte of a block device, past the page cache, and counts a marker in it. */
#ifndef XE_SCAN_H
#define XE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "search.h"

struct scan_marker {
	size_t length;
	unsigned char bytes[SEARCH_MARKER_MAX];
};

/*
 * Reads the marker from a file, or from standard input for "-": a command line could be read by others.
 * One newline at its end is not part of it. Returns 0, or -1, with no errno when it is too short or too
 * long.
 */
int scan_read_marker(const char *path, struct scan_marker *marker, struct error *err);

struct scan {
	dev_t device;
	const char *what; /* for the progress, "xvdc, store" */
	/* Asked before each piece: false ends the scan. */
	bool (*wanted)(void *context);
	void *context;
	/* What came of it. */
	uint64_t found; /* how often */
	uint64_t first; /* where first, in bytes */
	uint64_t read;	/* bytes */
};

/* Returns 1 when every byte was read, 0 when it was no longer wanted, or -1. */
int scan_device(struct scan *scan, const struct scan_marker *marker, struct error *err);

#endif
