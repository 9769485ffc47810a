/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on a terminal that says how far long work has come; nothing where stderr is none. */
#ifndef XE_PROGRESS_H
#define XE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRESS_TEXT_MAX 128

struct progress {
	bool shown;
	const char *what; /* not copied */
	uint64_t total;	  /* bytes */
	uint64_t begun;	  /* milliseconds of deadline_now() */
	uint64_t next;	  /* when it is worth to say more */
	size_t width;	  /* of what stands there */
};

void progress_begin(struct progress *progress, const char *what, uint64_t total);

/* done: bytes of the total. Writes a few times a second at most, and never more than the line is wide. */
void progress_at(struct progress *progress, uint64_t done);

/* Takes the line away. */
void progress_end(struct progress *progress);

/* Writes "xvdc, store: 1.2 GiB of 12 GiB, 312 MiB/s, 35 s left"; without the last two while ms, the
 * milliseconds since the beginning, are too few to tell. */
void progress_format(const char *what, uint64_t done, uint64_t total, uint64_t ms,
		     char text[PROGRESS_TEXT_MAX]);

#endif
