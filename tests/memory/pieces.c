/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pieces FILE KEYS: every place in FILE where 16 bytes or more of a key stand in a row.
 *
 * KEYS has one key a line: a name and its bytes in hexadecimal. A line is printed for each run:
 *
 *	piece NAME FIRST LENGTH OFFSET        LENGTH bytes of the key, from its byte FIRST on
 *	# OFFSET: the bytes around it, 16 a line
 *
 * A window of 16 bytes that two keys share counts for the one that is named first.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "whole-file.h"

#define WINDOW	    16
#define PAGE	    4096
#define KEY_MAX	    512
#define KEYS_MAX    256
#define FILTER_BITS 20

struct key {
	char name[64];
	unsigned char bytes[KEY_MAX];
	size_t size;
};

struct window {
	unsigned char bytes[WINDOW];
	unsigned int key, first;
};

struct run {
	unsigned int key, first;
	size_t length; /* 0: there is none */
	size_t offset;
};

static struct key keys[KEYS_MAX];
static unsigned int key_count;
static struct window *windows;
static size_t window_count;
static uint8_t filter[1u << (FILTER_BITS - 3)];

static uint32_t hash(const unsigned char *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return (word * 2654435761u) >> (32 - FILTER_BITS);
}

static void read_key(const char *name, const char *hex)
{
	struct key *key = &keys[key_count];
	unsigned int byte;

	if (key_count == KEYS_MAX || strlen(hex) / 2 > KEY_MAX) {
		fprintf(stderr, "pieces: key %s is one too many or too long\n", name);
		exit(2);
	}
	snprintf(key->name, sizeof(key->name), "%s", name);
	while (sscanf(hex + 2 * key->size, "%2x", &byte) == 1)
		key->bytes[key->size++] = (unsigned char)byte;
	key_count++;
}

static void read_keys(const char *path)
{
	char name[64], hex[2 * KEY_MAX + 1];
	FILE *file = fopen(path, "re");

	if (file == NULL)
		die(path);
	while (fscanf(file, "%63s %1024s", name, hex) == 2)
		read_key(name, hex);
	fclose(file);
	if (key_count == 0) {
		fprintf(stderr, "pieces: no key in %s\n", path);
		exit(2);
	}
}

/* Zeros and the like are everywhere, and say nothing of a key. */
static bool degenerate(const unsigned char *bytes)
{
	unsigned int distinct = 0;
	bool seen[256] = { false };

	for (unsigned int i = 0; i < WINDOW; i++) {
		distinct += !seen[bytes[i]];
		seen[bytes[i]] = true;
	}
	return distinct < 6;
}

static int compare(const void *one, const void *two)
{
	const struct window *left = one, *right = two;
	int order = memcmp(left->bytes, right->bytes, WINDOW);

	if (order == 0)
		order = (left->key > right->key) - (left->key < right->key);
	return order;
}

static void make_windows(void)
{
	size_t kept = 0;

	windows = calloc((size_t)KEYS_MAX * KEY_MAX, sizeof(*windows));
	if (windows == NULL)
		die("windows");
	for (unsigned int k = 0; k < key_count; k++)
		for (unsigned int first = 0; first + WINDOW <= keys[k].size; first++)
			if (!degenerate(keys[k].bytes + first)) {
				memcpy(windows[window_count].bytes, keys[k].bytes + first, WINDOW);
				windows[window_count].key = k;
				windows[window_count++].first = first;
			}
	qsort(windows, window_count, sizeof(*windows), compare);
	for (size_t i = 0; i < window_count; i++) {
		uint32_t bit = hash(windows[i].bytes);

		if (kept > 0 && memcmp(windows[kept - 1].bytes, windows[i].bytes, WINDOW) == 0)
			continue;
		windows[kept++] = windows[i];
		filter[bit / 8] = (uint8_t)(filter[bit / 8] | 1u << bit % 8);
	}
	window_count = kept;
}

static const struct window *find(const unsigned char *bytes)
{
	size_t low = 0, high = window_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(bytes, windows[middle].bytes, WINDOW);

		if (order == 0)
			return &windows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void print_around(const unsigned char *map, size_t size, size_t offset)
{
	size_t start = (offset & ~(size_t)15) >= 16 ? (offset & ~(size_t)15) - 16 : 0;

	for (size_t line = start; line < start + 64 && line + 16 <= size; line += 16) {
		printf("# %zx:", line);
		for (size_t i = 0; i < 16; i++)
			printf(" %02x", map[line + i]);
		putchar('\n');
	}
}

static void end_run(const unsigned char *map, size_t size, struct run *run)
{
	if (run->length == 0)
		return;
	printf("piece %s %u %zu 0x%zx\n", keys[run->key].name, run->first, run->length,
	       run->offset);
	print_around(map, size, run->offset);
	run->length = 0;
}

static void take(const unsigned char *map, size_t size, size_t offset, struct run *run)
{
	const struct window *window = find(map + offset);

	if (window == NULL)
		return;
	if (run->length > 0 && run->key == window->key &&
	    run->offset + run->length == offset + WINDOW - 1 &&
	    run->first + run->length == window->first + WINDOW - 1) {
		run->length++;
		return;
	}
	end_run(map, size, run);
	*run = (struct run){ window->key, window->first, WINDOW, offset };
}

static bool is_zero(const unsigned char *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

static void search_page(const unsigned char *map, size_t size, size_t page, struct run *run)
{
	size_t offset = page, end = page + PAGE;

	/* Most of a machine's memory is zero. What begins with a page's last bytes may go on. */
	if (end <= size && is_zero(map + page))
		offset = end - (WINDOW - 1);
	for (; offset < end && offset + WINDOW <= size; offset++) {
		uint32_t bit = hash(map + offset);

		if (filter[bit / 8] & 1u << bit % 8)
			take(map, size, offset, run);
	}
}

static void search(const unsigned char *map, size_t size)
{
	struct run run = { 0 };

	for (size_t page = 0; page < size; page += PAGE)
		search_page(map, size, page, &run);
	end_run(map, size, &run);
}

int main(int argc, char **argv)
{
	const unsigned char *map;
	size_t size;

	if (argc != 3) {
		fprintf(stderr, "usage: pieces FILE KEYS\n");
		return 2;
	}
	read_keys(argv[2]);
	make_windows();
	map = map_whole(argv[1], &size);
	search(map, size);
	return 0;
}
