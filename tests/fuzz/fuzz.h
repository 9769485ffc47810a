/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every fuzzer needs: its input as text, and what must hold, whatever the input was. */
#ifndef XE_FUZZ_H
#define XE_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process where libFuzzer sees it; the sanitizers' trace shows which property it was. */
#define MUST(condition)                                                                   \
	do {                                                                              \
		if (!(condition)) {                                                       \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition);                                              \
			abort();                                                          \
		}                                                                         \
	} while (0)

/* A copy of exactly that size with a NUL behind it, so that a read past it is seen. Never NULL. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static inline bool fuzz_is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* Long enough that the words of a message do not hold it by chance. */
#define FUZZ_TELLING 24

/* An error's two forms: one line each, and nothing of the thing in the one that a guest may read. */
static inline void fuzz_error(const struct error *err)
{
	char full[2048], public[1024];

	error_full(err, full, sizeof(full));
	error_public(err, public, sizeof(public));
	MUST(err->action[0] != '\0');
	MUST(fuzz_is_printable(full));
	MUST(fuzz_is_printable(public));
	MUST(strlen(err->thing) < FUZZ_TELLING || strstr(public, err->thing) == NULL);
}

#endif
