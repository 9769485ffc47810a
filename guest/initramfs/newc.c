/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "newc.h"

/* The magic number and 13 fields of 8 hexadecimal digits (Documentation/driver-api/early-userspace). */
#define HEADER 110

/* What Linux keeps of a mode (umode_t). */
#define UMODE_MAX 0xffff

enum field {
	FIELD_MODE = 1,
	FIELD_LINKS = 4,
	FIELD_LENGTH = 6,
	FIELD_NAME = 11,
};

static int refuse(struct error *err, const char *reason)
{
	return error_set(err, 0, NULL, reason, "cannot understand");
}

static int read_field(const uint8_t *header, enum field field, uint32_t *value, struct error *err)
{
	const uint8_t *digits = header + 6 + 8 * (size_t)field;
	const char *found;

	*value = 0;
	for (int i = 0; i < 8; i++) {
		static const char hex[] = "0123456789abcdefABCDEF";

		found = memchr(hex, digits[i], sizeof(hex) - 1);
		if (found == NULL)
			return refuse(err, "an entry's header is damaged");
		*value = *value << 4 | (uint32_t)(found - hex < 16 ? found - hex : found - hex - 6);
	}
	return 0;
}

static int check_magic(const uint8_t *header, struct error *err)
{
	if (memcmp(header, "070701", 6) == 0 || memcmp(header, "070702", 6) == 0)
		return 0;
	if (memcmp(header, "070707", 6) == 0)
		return refuse(err, "a cpio archive of the old kind, which Linux does not take");
	return refuse(err, "an entry does not begin with the magic number of cpio");
}

static int read_header(const uint8_t *header, struct newc_entry *entry, uint32_t *name_length,
		       struct error *err)
{
	uint32_t length;

	if (check_magic(header, err) < 0 || read_field(header, FIELD_MODE, &entry->mode, err) < 0 ||
	    read_field(header, FIELD_LINKS, &entry->links, err) < 0 ||
	    read_field(header, FIELD_LENGTH, &length, err) < 0 ||
	    read_field(header, FIELD_NAME, name_length, err) < 0)
		return -1;
	entry->length = length;
	entry->mode &= UMODE_MAX;
	if (*name_length == 0 || *name_length > NEWC_NAME_MAX)
		return refuse(err, "an entry has no name, or one of more than 4096 bytes");
	return 0;
}

static size_t align(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

int newc_read(const uint8_t *data, size_t length, size_t *at, struct newc_entry *entry,
	      struct error *err)
{
	const uint8_t *header = data + *at, *name = header + HEADER;
	size_t left = length - *at, body, end;
	uint32_t name_length;

	if (left < HEADER)
		return refuse(err, "it is cut off within an entry's header");
	if (read_header(header, entry, &name_length, err) < 0)
		return -1;
	body = align(HEADER + (size_t)name_length);
	end = align(body + entry->length);
	if (end > left)
		return refuse(err, "it is cut off within an entry");
	if (memchr(name, '\0', name_length) != name + name_length - 1)
		return refuse(err, "an entry's name does not end where it should");
	entry->name = (const char *)name;
	entry->body = header + body;
	*at += end;
	return 0;
}

bool newc_is_end(const struct newc_entry *entry)
{
	return strcmp(entry->name, "TRAILER!!!") == 0;
}

int newc_clean_name(const char *name, char *clean, struct error *err)
{
	size_t used = 0, length;

	for (; *name != '\0'; name += length) {
		name += strspn(name, "/");
		length = strcspn(name, "/");
		if (length == 0 || (length == 1 && name[0] == '.'))
			continue;
		if (length == 2 && name[0] == '.' && name[1] == '.')
			return error_set(err, 0, NULL, "an entry's name has .. in it",
					 "cannot understand");
		if (used > 0)
			clean[used++] = '/';
		memcpy(clean + used, name, length);
		used += length;
	}
	clean[used] = '\0';
	return 0;
}
