/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "size.h"

void size_format(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t whole = bytes, rest = 0;
	unsigned int unit = 0;

	for (; whole >= 1024; unit++) {
		rest = whole % 1024;
		whole /= 1024;
	}
	if (rest * 10 / 1024 == 0)
		snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 " %s", whole, units[unit]);
	else
		snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " %s", whole, rest * 10 / 1024,
			 units[unit]);
}

void size_format_time(uint64_t seconds, char text[SIZE_TEXT_MAX])
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	unsigned int unit = 0;

	while (unit < 3 && seconds < units[unit].seconds)
		unit++;
	snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 " %s", seconds / units[unit].seconds,
		 units[unit].name);
}
