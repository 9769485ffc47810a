/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/cmdline of a QEMU: the option and the number, as two whole words, and nothing else. */
#include "fuzz.h"

#include "emulated.h"

/* The same told in another way: both words with the NULs around them. */
static bool has_option(const uint8_t *words, size_t size, unsigned int domid)
{
	char option[40];
	int length = snprintf(option, sizeof(option), "%c-xen-domid%c%u%c", 0, 0, domid, 0);
	char *padded = malloc(size + 1);
	bool found;

	MUST(padded != NULL);
	padded[0] = '\0';
	memcpy(padded + 1, words, size);
	found = memmem(padded, size + 1, option, (size_t)length) != NULL;
	free(padded);
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words;
	uint32_t domid;

	if (size < 2)
		return 0;
	domid = data[0] | (uint32_t)(data[1] & 127) << 8;
	/* Of exactly that size: there need be no NUL at the end. */
	words = malloc(size - 2 + (size == 2));
	MUST(words != NULL);
	memcpy(words, data + 2, size - 2);
	MUST(emulated_serves(words, size - 2, domid) == has_option(data + 2, size - 2, domid));
	free(words);
	return 0;
}
