/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "mapping-call.h"

#define VOLUME_PREFIX MAPPING_PREFIX "vol-"
#define SUFFIX	      "@crypt"

/* What stands between the nonce and the suffix. */
static const char *const parts[] = {
	[MAPPING_WHOLE] = "",
	[MAPPING_STORE] = "-store",
	[MAPPING_SNAPSHOT] = "-cow",
};

/* Writes the end of a name behind what is there. */
static void add_end(char name[MAPPING_NAME_MAX], uint64_t nonce, enum mapping_part part)
{
	size_t used = strlen(name);

	snprintf(name + used, MAPPING_NAME_MAX - used, "%016" PRIx64 "%s" SUFFIX, nonce,
		 parts[part]);
}

void mapping_name_prefix(struct mapping_owner owner, char prefix[MAPPING_NAME_MAX])
{
	if (owner.volume != NULL)
		snprintf(prefix, MAPPING_NAME_MAX, VOLUME_PREFIX "%.*s" SUFFIX,
			 MAPPING_VOLUME_MAX - 1, owner.volume);
	else
		snprintf(prefix, MAPPING_NAME_MAX, MAPPING_PREFIX "%" PRIu32 "-%" PRIu32 "-",
			 owner.domid, owner.devid);
}

int mapping_name_make(struct mapping_owner owner, char name[MAPPING_NAME_MAX], struct error *err)
{
	unsigned char nonce[8];
	uint64_t number;

	mapping_name_prefix(owner, name);
	if (owner.volume != NULL)
		return 0;
	/* Two domains may have the same id one after the other: 64 bits tell their disks apart. */
	if (key_nonce(nonce, sizeof(nonce), err) < 0)
		return -1;
	memcpy(&number, nonce, sizeof(number));
	add_end(name, number, owner.part);
	return 0;
}

void mapping_name_volume(const char *volume, char name[MAPPING_NAME_MAX])
{
	mapping_name_prefix((struct mapping_owner){ .volume = volume }, name);
}

bool mapping_is_volume_name(const char *text)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789._-");

	return length > 0 && length < MAPPING_VOLUME_MAX && text[length] == '\0';
}

static bool parse_volume(const char *text, struct mapping_identity *identity)
{
	size_t length = strcspn(text, "@");

	if (length >= sizeof(identity->volume) || strcmp(text + length, SUFFIX) != 0)
		return false;
	memcpy(identity->volume, text, length);
	identity->volume[length] = '\0';
	identity->named = true;
	return mapping_is_volume_name(identity->volume);
}

bool mapping_parse_uuid(const char *uuid, struct mapping_identity *identity)
{
	char name[2 * MAPPING_NAME_MAX];
	bool cow = strncmp(uuid, MAPPING_COW_PREFIX, strlen(MAPPING_COW_PREFIX)) == 0;
	const char *prefix = cow ? MAPPING_COW_PREFIX : MAPPING_UUID_PREFIX;

	if (strncmp(uuid, prefix, strlen(prefix)) != 0)
		return false;
	snprintf(name, sizeof(name), MAPPING_PREFIX "%.*s" SUFFIX, MAPPING_NAME_MAX - 1,
		 uuid + strlen(prefix));
	return mapping_parse_name(name, identity) && (identity->part == MAPPING_SNAPSHOT) == cow;
}

static enum mapping_part part_of(const char *name)
{
	const char *end = strrchr(name, '-');

	if (end != NULL && strcmp(end, "-store" SUFFIX) == 0)
		return MAPPING_STORE;
	if (end != NULL && strcmp(end, "-cow" SUFFIX) == 0)
		return MAPPING_SNAPSHOT;
	return MAPPING_WHOLE;
}

bool mapping_name_other_part(const char *name, char other[MAPPING_NAME_MAX])
{
	struct mapping_identity identity;

	if (!mapping_parse_name(name, &identity) || identity.part == MAPPING_WHOLE)
		return false;
	snprintf(other, MAPPING_NAME_MAX, "%.*s%s" SUFFIX, (int)(strrchr(name, '-') - name), name,
		 parts[identity.part == MAPPING_STORE ? MAPPING_SNAPSHOT : MAPPING_STORE]);
	return true;
}

bool mapping_parse_name(const char *name, struct mapping_identity *identity)
{
	char again[MAPPING_NAME_MAX];
	struct mapping_owner owner = { 0 };
	uint64_t nonce;

	memset(identity, 0, sizeof(*identity));
	if (strncmp(name, VOLUME_PREFIX, strlen(VOLUME_PREFIX)) == 0)
		return parse_volume(name + strlen(VOLUME_PREFIX), identity);
	if (sscanf(name, MAPPING_PREFIX "%" SCNu32 "-%" SCNu32 "-%16" SCNx64, &identity->domid,
		   &identity->devid, &nonce) != 3)
		return false;
	/* scanf takes more than is ever made (signs, blanks): what it read must give the same name. */
	owner.domid = identity->domid;
	owner.devid = identity->devid;
	identity->part = part_of(name);
	mapping_name_prefix(owner, again);
	add_end(again, nonce, identity->part);
	return strcmp(again, name) == 0;
}
