/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts a marker in bytes that come piece by piece. */
#ifndef XE_SEARCH_H
#define XE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* A shorter one would be met by chance: 8 given bytes stand in 1 TiB of noise once in 16 million times. */
#define SEARCH_MARKER_MIN 8
#define SEARCH_MARKER_MAX 4096

struct search {
	const unsigned char *marker;
	size_t length;	/* of the marker */
	uint64_t found; /* how often: occurrences that do not overlap, as grep -o counts them */
	uint64_t first; /* where the first one begins, in bytes */
	uint64_t read;	/* bytes so far */
	size_t kept; /* the last bytes of the pieces so far, with which an occurrence may begin */
	unsigned char tail[SEARCH_MARKER_MAX];
};

/* marker, of SEARCH_MARKER_MIN to SEARCH_MARKER_MAX bytes, is not copied. */
void search_begin(struct search *search, const unsigned char *marker, size_t length);

/* Takes the next piece, of any length. */
void search_feed(struct search *search, const unsigned char *piece, size_t length);

#endif
