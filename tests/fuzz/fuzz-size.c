/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes: a file can have what is accepted, and it is what was written. */
#include "fuzz.h"

#include <inttypes.h>

#include "size.h"

static bool is_written_as(const char *text, uint64_t bytes)
{
	static const char units[] = "KMGT";
	char again[32];

	snprintf(again, sizeof(again), "%" PRIu64, bytes);
	if (strcmp(again, text) == 0)
		return true;
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int shift = 10 * (i + 1);

		snprintf(again, sizeof(again), "%" PRIu64 "%c", bytes >> shift, units[i]);
		if (bytes >> shift << shift == bytes && strcmp(again, text) == 0)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char people[SIZE_TEXT_MAX];
	struct error err;
	uint64_t bytes;

	if (size_parse(text, &bytes, &err) == 0) {
		MUST(bytes > 0 && bytes <= INT64_MAX && bytes % 4096 == 0);
		MUST(is_written_as(text, bytes));
		size_format(bytes, people);
		MUST(strlen(people) < sizeof(people) - 1);
	} else {
		fuzz_error(&err);
	}
	free(text);
	return 0;
}
