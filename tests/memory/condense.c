/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * condense FILE PART...: the pages of FILE that are not all zeros, in as many parts of like size as are
 * named. Each part but the last ends with the first 240 bytes of the next one: a search for AES-256 key
 * schedules, which have 240 bytes, that leaves out the last 240 bytes of a file (aeskeyfind does) then
 * meets every schedule in exactly one part.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "whole-file.h"

#define PAGE	 4096
#define SCHEDULE 240

static bool is_zero(const unsigned char *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

static void put(const unsigned char *bytes, size_t size, FILE *part)
{
	if (fwrite(bytes, 1, size, part) != size)
		die("condense: write");
}

static void finish(FILE *part)
{
	if (fclose(part) != 0)
		die("condense: close");
}

static size_t count(const unsigned char *map, size_t pages)
{
	size_t found = 0;

	for (size_t i = 0; i < pages; i++)
		found += !is_zero(map + i * PAGE);
	return found;
}

static void split(const unsigned char *map, size_t pages, char **paths, size_t parts)
{
	static const unsigned char nothing[SCHEDULE];
	size_t share = count(map, pages) / parts + 1, written = 0;
	FILE *part = NULL;

	for (size_t i = 0; i < pages; i++) {
		const unsigned char *page = map + i * PAGE;

		if (is_zero(page))
			continue;
		if (written++ % share == 0) {
			FILE *next = fopen(*paths, "we");

			if (next == NULL)
				die(*paths);
			paths++;
			if (part != NULL) {
				put(page, SCHEDULE, part);
				finish(part);
			}
			part = next;
		}
		put(page, PAGE, part);
	}
	if (part == NULL)
		return;
	put(nothing, sizeof(nothing), part);
	finish(part);
}

int main(int argc, char **argv)
{
	const unsigned char *map;
	size_t size;

	if (argc < 3) {
		fprintf(stderr, "usage: condense FILE PART...\n");
		return 2;
	}
	map = map_whole(argv[1], &size);
	split(map, size / PAGE, argv + 2, (size_t)argc - 2);
	return 0;
}
