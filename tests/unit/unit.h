/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test needs; cmocka wants these headers before its own. */
#ifndef XE_TEST_UNIT_H
#define XE_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A failure's text that names the thing: which entry of a table of samples it was. */
#define assert_that(condition, ...)            \
	do {                                   \
		if (!(condition))              \
			fail_msg(__VA_ARGS__); \
	} while (0)

/* The full form has to hold text. */
static inline void assert_error_says(const struct error *err, const char *text)
{
	char full[1024];

	error_full(err, full, sizeof(full));
	assert_that(strstr(full, text) != NULL, "\"%s\" does not say \"%s\"", full, text);
}

/* A guest may read the public form: text, something of the host, must not be in it. */
static inline void assert_public_hides(const struct error *err, const char *text)
{
	char public[1024];

	error_public(err, public, sizeof(public));
	assert_that(strstr(public, text) == NULL, "\"%s\" gives \"%s\" away", public, text);
}

#endif
