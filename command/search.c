/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "search.h"

void search_begin(struct search *search, const unsigned char *marker, size_t length)
{
	*search = (struct search){ .marker = marker, .length = length };
}

static void count(struct search *search, uint64_t at)
{
	if (search->found++ == 0)
		search->first = at;
}

/* What begins in the pieces before and ends in this one. Returns how much of this one is taken by it. */
static size_t feed_border(struct search *search, const unsigned char *piece, size_t length)
{
	unsigned char both[2 * SEARCH_MARKER_MAX];
	size_t head = length < search->length - 1 ? length : search->length - 1;
	const unsigned char *hit;
	size_t offset;

	memcpy(both, search->tail, search->kept);
	memcpy(both + search->kept, piece, head);
	hit = memmem(both, search->kept + head, search->marker, search->length);
	offset = hit ? (size_t)(hit - both) : 0;
	if (hit != NULL)
		count(search, search->read - search->kept + offset);
	/* Both may be what a guest wrote. */
	explicit_bzero(both, sizeof(both));
	return hit ? offset + search->length - search->kept : 0;
}

/* Keeps the last bytes, at most one less than a marker has. */
static void keep(struct search *search, const unsigned char *rest, size_t length)
{
	size_t room = search->length - 1;
	size_t old = search->kept;

	if (length >= room) {
		memcpy(search->tail, rest + length - room, room);
		search->kept = room;
		return;
	}
	if (old + length > room) {
		memmove(search->tail, search->tail + (old + length - room), room - length);
		old = room - length;
	}
	memcpy(search->tail + old, rest, length);
	search->kept = old + length;
}

void search_feed(struct search *search, const unsigned char *piece, size_t length)
{
	size_t from = feed_border(search, piece, length);
	const unsigned char *hit;

	if (from > 0)
		search->kept = 0;
	while ((hit = memmem(piece + from, length - from, search->marker, search->length))) {
		count(search, search->read + (uint64_t)(hit - piece));
		from = (size_t)(hit - piece) + search->length;
		search->kept = 0;
	}
	keep(search, piece + from, length - from);
	search->read += length;
}
