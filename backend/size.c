/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include "size.h"

#define SIZE_STEP 4096

static int shift_of_unit(char unit)
{
	switch (unit) {
	case '\0':
		return 0;
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	case 'T':
		return 40;
	default:
		return -1;
	}
}

/* Reads the digits at *text and leaves *text behind them; false when the number is over INT64_MAX. */
static bool read_digits(const char **text, uint64_t *number)
{
	*number = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(**text - '0'), number))
			return false;
	}
	return *number <= INT64_MAX;
}

int size_parse(const char *text, uint64_t *bytes, struct error *err)
{
	static const char form[] = "a size is a number above 0, then K, M, G, T or nothing";
	const char *rest = text;
	uint64_t number;
	int shift;

	if (*text < '1' || *text > '9')
		return error_set(err, 0, text, form, "cannot understand size");
	if (!read_digits(&rest, &number))
		return error_set(err, 0, text, "too large", "cannot use size");
	shift = shift_of_unit(*rest);
	if (shift < 0 || (*rest != '\0' && rest[1] != '\0'))
		return error_set(err, 0, text, form, "cannot understand size");
	if (number > (uint64_t)INT64_MAX >> shift)
		return error_set(err, 0, text, "too large", "cannot use size");
	*bytes = number << shift;
	if (*bytes % SIZE_STEP != 0)
		return error_set(err, 0, text, "not a multiple of 4096 bytes", "cannot use size");
	return 0;
}
