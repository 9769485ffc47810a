/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/swaps: no swap is missed because of what stands before it. */
#include "fuzz.h"

#include "swap.h"

static unsigned int count(const char *text, size_t size, char *path, size_t room)
{
	FILE *file = fmemopen((char *)(uintptr_t)text, size, "r");
	unsigned int found = 0;

	MUST(file != NULL);
	while (swap_next(file, path, room)) {
		MUST(path[0] == '/' && strlen(path) < room);
		found++;
	}
	fclose(file);
	return found;
}

/* A line that the kernel could have written is found behind anything that ends. */
static void check_behind(const char *text, size_t size)
{
	static const char last[] = "\n/var/swap\\040file file 8188 0 -3\n";
	char *longer = malloc(size + sizeof(last)), path[64];

	MUST(longer != NULL);
	memcpy(longer, text, size);
	memcpy(longer + size, last, sizeof(last));
	MUST(count(longer, size + sizeof(last) - 1, path, sizeof(path)) > 0);
	MUST(strcmp(path, "/var/swap file") == 0);
	free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *path = malloc(32);
	unsigned int lines = 1;

	MUST(path != NULL);
	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	if (size > 0)
		MUST(count(text, size, path, 32) <= lines);
	check_behind(text, size);
	free(path);
	free(text);
	return 0;
}
