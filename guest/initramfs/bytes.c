/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define ROOM_MIN 65536

/* Twice as much each time, so that a stream of unknown length is copied a few times only. */
static size_t next_room(const struct bytes *bytes, size_t wanted)
{
	size_t room = bytes->room > bytes->limit / 2 ? bytes->limit : bytes->room * 2;

	if (room < ROOM_MIN)
		room = ROOM_MIN;
	if (room < wanted)
		room = wanted;
	return room > bytes->limit ? bytes->limit : room;
}

int bytes_grow(struct bytes *bytes, size_t more, struct error *err)
{
	size_t room;
	uint8_t *data;

	if (more > bytes->limit - bytes->length)
		return error_set(err, 0, NULL, "more than this program takes",
				 "cannot hold %zu bytes", bytes->length + more);
	if (bytes->length + more <= bytes->room)
		return 0;
	room = next_room(bytes, bytes->length + more);
	data = realloc(bytes->data, room);
	if (data == NULL)
		return error_set(err, ENOMEM, NULL, NULL, "cannot hold %zu bytes", room);
	bytes->data = data;
	bytes->room = room;
	return 0;
}

int bytes_append(struct bytes *bytes, const void *data, size_t length, struct error *err)
{
	if (length == 0)
		return 0;
	if (bytes_grow(bytes, length, err) < 0)
		return -1;
	memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
	return 0;
}

int bytes_align(struct bytes *bytes, struct error *err)
{
	return bytes_append(bytes, "\0\0\0", -bytes->length & 3, err);
}

bool bytes_begins_with(const struct bytes *bytes, const struct bytes *first)
{
	return bytes->length >= first->length &&
	       (first->length == 0 || memcmp(bytes->data, first->data, first->length) == 0);
}

bool bytes_equal(const struct bytes *a, const struct bytes *b)
{
	return a->length == b->length && bytes_begins_with(a, b);
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	bytes->data = NULL;
	bytes->length = bytes->room = 0;
}
