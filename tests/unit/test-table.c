/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <sys/sysmacros.h>

#include "table.h"

static const struct {
	unsigned int sector;
	bool discard;
	const char *options;
} combinations[] = {
	{ 512, false, "" },
	{ 512, true, " 1 allow_discards" },
	{ 4096, false, " 1 sector_size:4096" },
	{ 4096, true, " 2 allow_discards sector_size:4096" },
};

/* The words of dm-crypt.rst; the number in front of the options has to be theirs, or the kernel
 * refuses the table. */
static void crypt_params(void **state)
{
	struct table_crypt crypt = { .key = "xeneph:one", .store = makedev(7, 12) };
	char params[TABLE_PARAMS_MAX], expected[TABLE_PARAMS_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(combinations); i++) {
		crypt.sector = combinations[i].sector;
		crypt.discard = combinations[i].discard;
		memset(params, 'x', sizeof(params));
		table_crypt_params(&crypt, params);
		strcpy(expected, "aes-xts-plain64 :64:logon:xeneph:one 0 7:12 0");
		strcat(expected, combinations[i].options);
		assert_string_equal(params, expected);
	}
}

/* The longest that a domain, a disk, and a device number can make of it. */
static void longest_params_fit(void **state)
{
	const char *key = "xeneph:xeneph-4294967295-4294967295-0123456789abcdef@crypt";
	struct table_crypt crypt = {
		.key = key, .store = makedev(4095, 1048575), .sector = 4096, .discard = true
	};
	char params[TABLE_PARAMS_MAX];

	(void)state;
	table_crypt_params(&crypt, params);
	assert_string_equal(params, "aes-xts-plain64 :64:logon:"
				    "xeneph:xeneph-4294967295-4294967295-0123456789abcdef@crypt"
				    " 0 4095:1048575 0 2 allow_discards sector_size:4096");
}

static void sectors_are_whole(void **state)
{
	(void)state;
	assert_int_equal(table_sectors(0, 512), 0);
	assert_int_equal(table_sectors(511, 512), 0);
	assert_int_equal(table_sectors(512, 512), 1);
	assert_int_equal(table_sectors(1023, 512), 1);
	assert_int_equal(table_sectors(4095, 4096), 0);
	assert_int_equal(table_sectors(4096, 4096), 8);
	assert_int_equal(table_sectors(8191, 4096), 8);
	assert_int_equal(table_sectors(4096 + 512, 512), 9);
	assert_int_equal(table_sectors(12ull << 30, 512), 12ull << 21);
	assert_int_equal(table_sectors(12ull << 30, 4096), 12ull << 21);
	assert_int_equal(table_sectors(INT64_MAX, 4096), (INT64_MAX / 4096) * 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crypt_params),
		cmocka_unit_test(longest_params_fit),
		cmocka_unit_test(sectors_are_whole),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
