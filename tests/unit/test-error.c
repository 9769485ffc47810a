/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

static void returns_minus_one(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set(&err, 0, NULL, NULL, "cannot"), -1);
	assert_int_equal(err.number, 0);
	assert_int_equal(error_set(&err, ENOSPC, NULL, NULL, "cannot"), -1);
	assert_int_equal(err.number, ENOSPC);
}

static const struct {
	int number;
	const char *thing, *reason, *full, *public;
} forms[] = {
	{ 0, NULL, NULL, "cannot open store 7", "cannot open store 7" },
	{ 0, NULL, "too small", "cannot open store 7: too small",
	  "cannot open store 7: too small" },
	{ 0, "/srv/a", NULL, "cannot open store 7 /srv/a", "cannot open store 7" },
	{ 0, "/srv/a", "too small", "cannot open store 7 /srv/a: too small",
	  "cannot open store 7: too small" },
	{ ENOENT, "/srv/a", NULL, "cannot open store 7 /srv/a: No such file or directory",
	  "cannot open store 7: No such file or directory" },
	{ EBUSY, "/srv/a", "a mount",
	  "cannot open store 7 /srv/a: Device or resource busy (a mount)",
	  "cannot open store 7: Device or resource busy (a mount)" },
};

static void has_two_forms(void **state)
{
	char full[1024], public[1024];
	struct error err;

	(void)state;
	for (size_t i = 0; i < LENGTH(forms); i++) {
		error_set(&err, forms[i].number, forms[i].thing, forms[i].reason,
			  "cannot open %s %d", "store", 7);
		error_full(&err, full, sizeof(full));
		error_public(&err, public, sizeof(public));
		assert_string_equal(full, forms[i].full);
		assert_string_equal(public, forms[i].public);
	}
}

static void hides_control_characters(void **state)
{
	char full[1024];
	struct error err;

	(void)state;
	error_set(&err, 0, "/a\nb\x1b[1mc\x7f\xc3\xa4", NULL, "cannot open");
	error_full(&err, full, sizeof(full));
	assert_string_equal(full, "cannot open /a?b?[1mc?\xc3\xa4");
}

static void cuts_what_is_long(void **state)
{
	char path[4096], full[1024], little[8];
	struct error err;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	error_set(&err, 0, path, path, "%s", path);
	assert_int_equal(strlen(err.action), sizeof(err.action) - 1);
	assert_int_equal(strlen(err.thing), sizeof(err.thing) - 1);
	assert_int_equal(strlen(err.reason), sizeof(err.reason) - 1);
	error_full(&err, full, sizeof(full));
	assert_true(strlen(full) < sizeof(full));
	error_full(&err, little, sizeof(little));
	assert_string_equal(little, "aaaaaaa");
	error_public(&err, little, sizeof(little));
	assert_string_equal(little, "aaaaaaa");
}

/* What an earlier failure left in the same struct must not show up in the next one's message. */
static void forgets_the_one_before(void **state)
{
	char full[1024];
	struct error err;

	(void)state;
	error_set(&err, EIO, "/secret", "old reason", "old action");
	error_set(&err, 0, NULL, NULL, "new");
	error_full(&err, full, sizeof(full));
	assert_string_equal(full, "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_minus_one),	    cmocka_unit_test(has_two_forms),
		cmocka_unit_test(hides_control_characters), cmocka_unit_test(cuts_what_is_long),
		cmocka_unit_test(forgets_the_one_before),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
