/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"
#include "table.h"

/* Cuts the next word off *rest; NULL where there is none. */
static char *next_word(char **rest)
{
	char *word;

	do
		word = strsep(rest, " ");
	while (word != NULL && word[0] == '\0');
	return word;
}

static bool read_number(const char *text, unsigned long long *number)
{
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9' || strlen(text) > 19)
		return false;
	*number = strtoull(text, &end, 10);
	return *end == '\0';
}

/* ":64:logon:xeneph:NAME", or the key itself in hexadecimal, which is not copied. */
static bool read_key(char *word, struct table_crypt_shown *shown)
{
	unsigned long long bytes;
	const char *size, *type;

	if (word == NULL)
		return false;
	if (*word++ != ':')
		return true;
	/* Not scanf(), which would take a sign. */
	size = strsep(&word, ":");
	if (word == NULL || !read_number(size, &bytes) || bytes > 9999)
		return false;
	shown->key_bytes = (unsigned int)bytes;
	type = strsep(&word, ":");
	if (word == NULL || type[0] == '\0' || strlen(type) >= sizeof(shown->key_type) ||
	    strspn(type, "abcdefghijklmnopqrstuvwxyz") != strlen(type) ||
	    strlen(word) >= sizeof(shown->key))
		return false;
	snprintf(shown->key_type, sizeof(shown->key_type), "%s", type);
	snprintf(shown->key, sizeof(shown->key), "%s", word);
	return true;
}

static bool read_device(const char *word, dev_t *device)
{
	return word != NULL && sysfs_parse_number(word, device);
}

static bool read_options(char *rest, struct table_crypt_shown *shown)
{
	unsigned long long count, found = 0;
	char *word = next_word(&rest);

	if (word == NULL)
		return true;
	if (!read_number(word, &count))
		return false;
	while ((word = next_word(&rest)) != NULL) {
		found++;
		if (strcmp(word, "allow_discards") == 0)
			shown->discard = true;
		else if (strcmp(word, "sector_size:4096") == 0)
			shown->sector = 4096;
		else if (strcmp(word, "no_read_workqueue") == 0)
			shown->queues &= ~(unsigned int)TABLE_QUEUE_READ;
		else if (strcmp(word, "no_write_workqueue") == 0)
			shown->queues &= ~(unsigned int)TABLE_QUEUE_WRITE;
		else
			shown->others = true;
	}
	return found == count;
}

bool table_parse_snapshot(const char *params, struct table_snapshot *snapshot)
{
	char text[TABLE_PARAMS_MAX], *rest = text, *kind;
	unsigned long long chunk;

	memset(snapshot, 0, sizeof(*snapshot));
	if (strlen(params) >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%s", params);
	if (!read_device(next_word(&rest), &snapshot->origin) ||
	    !read_device(next_word(&rest), &snapshot->store))
		return false;
	kind = next_word(&rest);
	if (kind == NULL || strcmp(kind, "N") != 0 || !read_number(next_word(&rest), &chunk) ||
	    chunk == 0 || chunk > INT32_MAX || next_word(&rest) != NULL)
		return false;
	snapshot->chunk = (unsigned int)chunk;
	return true;
}

bool table_parse_fill(const char *status, struct table_fill *fill)
{
	char text[64], *rest = text;
	unsigned long long used, total;

	memset(fill, 0, sizeof(*fill));
	fill->invalid = strcmp(status, "Invalid") == 0 || strcmp(status, "Overflow") == 0;
	if (fill->invalid)
		return true;
	if (strlen(status) >= sizeof(text))
		return false;
	/* "used/total metadata" (dm-snap.c, snapshot_status); without a list on disk the last is 0. */
	snprintf(text, sizeof(text), "%s", status);
	if (!read_number(strsep(&rest, "/"), &used) || !read_number(next_word(&rest), &total))
		return false;
	fill->used = used;
	fill->total = total;
	return true;
}

bool table_parse_crypt(const char *params, struct table_crypt_shown *shown)
{
	char text[TABLE_PARAMS_MAX], *rest = text, *cipher;

	memset(shown, 0, sizeof(*shown));
	shown->sector = 512;
	shown->queues = TABLE_QUEUE_READ | TABLE_QUEUE_WRITE;
	if (strlen(params) >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%s", params);
	cipher = next_word(&rest);
	if (cipher == NULL || strlen(cipher) >= sizeof(shown->cipher))
		return false;
	snprintf(shown->cipher, sizeof(shown->cipher), "%s", cipher);
	return read_key(next_word(&rest), shown) &&
	       read_number(next_word(&rest), &shown->iv_offset) &&
	       read_device(next_word(&rest), &shown->store) &&
	       read_number(next_word(&rest), &shown->start) && read_options(rest, shown);
}
