/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "vbd.h"

static const struct {
	const char *path;
	uint32_t domid, devid;
} paths[] = {
	{ "backend/vbd/7/51712", 7, 51712 },
	{ "backend/vbd/0/0", 0, 0 },
	{ "backend/vbd/10/268439552", 10, 268439552 },
	{ "backend/vbd/4294967295/4294967295", 4294967295, 4294967295 },
};

static void takes_two_numbers(void **state)
{
	struct error err;
	struct vbd vbd;

	(void)state;
	for (size_t i = 0; i < LENGTH(paths); i++) {
		memset(&vbd, 0xff, sizeof(vbd));
		assert_that(vbd_parse_path(paths[i].path, &vbd, &err) == 0, "refused: %s",
			    paths[i].path);
		assert_string_equal(vbd.path, paths[i].path);
		assert_int_equal(vbd.domid, paths[i].domid);
		assert_int_equal(vbd.devid, paths[i].devid);
		assert_int_equal(vbd.owner, paths[i].domid);
		assert_null(vbd.xs);
		assert_null(vbd.params);
		assert_false(vbd.connected);
	}
}

static const char *const refused[] = {
	"",
	"backend",
	"backend/vbd/",
	"backend/vbd/7",
	"backend/vbd/7/",
	"backend/vbd//51712",
	"backend/vbd/7/51712/",
	"backend/vbd/7/51712/state",
	"backend/vbd/7//51712",
	"backend//vbd/7/51712",
	"/backend/vbd/7/51712",
	"/local/domain/0/backend/vbd/7/51712",
	" backend/vbd/7/51712",
	"backend/vbd/7/51712 ",
	"backend/vbd/7/51712\n",
	"backend/vbd/ 7/51712",
	"Backend/vbd/7/51712",
	"backend/vbd3/7/51712",
	"backend/vif/7/0",
	/* out of the disk's own directory */
	"backend/vbd/../7/51712",
	"backend/vbd/7/..",
	"backend/vbd/7/../8/51712",
	"../backend/vbd/7/51712",
	/* other spellings of the same disk */
	"backend/vbd/07/51712",
	"backend/vbd/7/051712",
	"backend/vbd/00/51712",
	"backend/vbd/+7/51712",
	"backend/vbd/-1/51712",
	"backend/vbd/7/-1",
	"backend/vbd/0x7/51712",
	"backend/vbd/7/xvda",
	"backend/vbd/a/51712",
	/* past 32 bits: 2^32, then what 64 bits wrap around to 7 */
	"backend/vbd/4294967296/51712",
	"backend/vbd/7/4294967296",
	"backend/vbd/9999999999/51712",
	"backend/vbd/18446744073709551623/51712",
	"backend/vbd/7/18446744073709551623",
	"backend/vbd/7/340282366920938463463374607431768211463",
};

static void refuses(void **state)
{
	struct error err;
	struct vbd vbd;

	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		assert_that(vbd_parse_path(refused[i], &vbd, &err) == -1, "accepted: %s",
			    refused[i]);
		assert_error_says(&err, "cannot use XENBUS_PATH");
		/* main puts the disk's name into the message only when there is one. */
		assert_string_equal(vbd.path, "");
	}
}

static void says_that_it_is_not_set(void **state)
{
	struct error err;
	struct vbd vbd;

	(void)state;
	assert_int_equal(vbd_parse_path(NULL, &vbd, &err), -1);
	assert_error_says(&err, "not set");
	assert_string_equal(vbd.path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_two_numbers),
		cmocka_unit_test(refuses),
		cmocka_unit_test(says_that_it_is_not_set),
	};

	return cmocka_run_group_tests_name("vbd-path", tests, NULL, NULL);
}
