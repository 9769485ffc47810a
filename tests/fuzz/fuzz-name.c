/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of mappings: one that is taken for ours is one that we would have given. */
#include "fuzz.h"

#include <inttypes.h>

#include "mapping.h"

static void check_disk(const char *text, const struct mapping_identity *identity)
{
	static const char *const ends[] = { "@crypt", "-store@crypt", "-cow@crypt" };
	char start[64], other[MAPPING_NAME_MAX], again[MAPPING_NAME_MAX];
	size_t length;

	snprintf(start, sizeof(start), "xeneph-%" PRIu32 "-%" PRIu32 "-", identity->domid,
		 identity->devid);
	length = strlen(start);
	MUST(strncmp(text, start, length) == 0);
	MUST(strspn(text + length, "0123456789abcdef") == 16);
	MUST(strcmp(text + length + 16, ends[identity->part]) == 0);
	if (identity->part == MAPPING_WHOLE) {
		MUST(!mapping_name_other_part(text, other));
		return;
	}
	MUST(mapping_name_other_part(text, other) && strcmp(other, text) != 0);
	MUST(mapping_name_other_part(other, again) && strcmp(again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct mapping_identity identity;
	char name[MAPPING_NAME_MAX];

	if (mapping_parse_name(text, &identity)) {
		MUST(strlen(text) < MAPPING_NAME_MAX);
		if (identity.named) {
			mapping_name_volume(identity.volume, name);
			MUST(strcmp(name, text) == 0);
		} else {
			check_disk(text, &identity);
		}
	}
	if (mapping_is_volume_name(text)) {
		MUST(fuzz_is_printable(text) && strpbrk(text, " /@") == NULL);
		mapping_name_volume(text, name);
		MUST(mapping_parse_name(name, &identity) && identity.named);
		MUST(strcmp(identity.volume, text) == 0);
	}
	free(text);
	return 0;
}
