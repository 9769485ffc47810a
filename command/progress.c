/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "deadline.h"
#include "progress.h"
#include "size.h"

/* Milliseconds: before this a speed is a guess, and how often it is told. */
#define KNOWN_MS 500
#define EVERY_MS 200

void progress_format(const char *what, uint64_t done, uint64_t total, uint64_t ms,
		     char text[PROGRESS_TEXT_MAX])
{
	char so_far[SIZE_TEXT_MAX], all[SIZE_TEXT_MAX], left[SIZE_TEXT_MAX];
	uint64_t speed = ms < KNOWN_MS ? 0 : done / ms; /* bytes a millisecond */

	size_format(done, so_far);
	size_format(total, all);
	if (speed == 0) {
		snprintf(text, PROGRESS_TEXT_MAX, "%s: %s of %s", what, so_far, all);
		return;
	}
	size_format_time((total - done) / speed / 1000, left);
	snprintf(text, PROGRESS_TEXT_MAX, "%s: %s of %s, %" PRIu64 " MiB/s, %s left", what, so_far,
		 all, speed * 1000 >> 20, left);
}

/* What fits into a line and leaves its last column free, where a cursor would go on to the next one. */
static size_t room(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return PROGRESS_TEXT_MAX;
	return size.ws_col - 1u;
}

static size_t at_most(size_t length, size_t limit)
{
	return length < limit ? length : limit;
}

/* Over what stands there, and no further: a terminal need not know escapes. */
static void show(struct progress *progress, const char *text)
{
	size_t line = room(), width = at_most(strlen(text), line);
	size_t stands = at_most(progress->width, line);
	int spaces = stands > width ? (int)(stands - width) : 0;

	fprintf(stderr, "\r%.*s%*s", (int)width, text, spaces, "");
	progress->width = width;
}

void progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	*progress = (struct progress){ .shown = isatty(STDERR_FILENO) == 1,
				       .what = what,
				       .total = total,
				       .begun = deadline_now() };
}

void progress_at(struct progress *progress, uint64_t done)
{
	char text[PROGRESS_TEXT_MAX];
	uint64_t now;

	if (!progress->shown || (now = deadline_now()) < progress->next)
		return;
	progress->next = now + EVERY_MS;
	progress_format(progress->what, done, progress->total, now - progress->begun, text);
	show(progress, text);
}

void progress_end(struct progress *progress)
{
	if (progress->width == 0)
		return;
	show(progress, "");
	fputs("\r", stderr);
}
