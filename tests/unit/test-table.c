/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <sys/sysmacros.h>

#include "table.h"

static const struct {
	unsigned int sector, queues;
	bool discard;
	const char *options;
} combinations[] = {
	{ 512, 3, false, "" },
	{ 512, 3, true, " 1 allow_discards" },
	{ 4096, 3, false, " 1 sector_size:4096" },
	{ 4096, 3, true, " 2 allow_discards sector_size:4096" },
	{ 512, TABLE_QUEUE_READ, false, " 1 no_write_workqueue" },
	{ 512, TABLE_QUEUE_WRITE, true, " 2 allow_discards no_read_workqueue" },
	{ 512, 0, false, " 2 no_read_workqueue no_write_workqueue" },
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
		crypt.queues = combinations[i].queues;
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
				    " 0 4095:1048575 0 4 allow_discards sector_size:4096"
				    " no_read_workqueue no_write_workqueue");
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

/* What is written is read back the same; the kernel prints a table's parameters as they were given. */
static void parses_what_it_writes(void **state)
{
	struct table_crypt crypt = { .key = "xeneph:one", .store = makedev(7, 12) };
	char params[TABLE_PARAMS_MAX];
	struct table_crypt_shown shown;

	(void)state;
	for (size_t i = 0; i < LENGTH(combinations); i++) {
		crypt.sector = combinations[i].sector;
		crypt.discard = combinations[i].discard;
		crypt.queues = combinations[i].queues;
		table_crypt_params(&crypt, params);
		assert_true(table_parse_crypt(params, &shown));
		assert_string_equal(shown.cipher, "aes-xts-plain64");
		assert_int_equal(shown.key_bytes, 64);
		assert_string_equal(shown.key_type, "logon");
		assert_string_equal(shown.key, "xeneph:one");
		assert_true(shown.store == makedev(7, 12));
		assert_int_equal(shown.sector, crypt.sector);
		assert_int_equal(shown.discard, crypt.discard);
		assert_int_equal(shown.queues, crypt.queues);
		assert_int_equal(shown.iv_offset, 0);
		assert_int_equal(shown.start, 0);
		assert_false(shown.others);
	}
}

static void parses_what_others_write(void **state)
{
	struct table_crypt_shown shown;

	(void)state;
	assert_true(table_parse_crypt("aes-cbc-essiv:sha256 00ff00ff 8 254:3 16 1 same_cpu_crypt",
				      &shown));
	assert_string_equal(shown.cipher, "aes-cbc-essiv:sha256");
	assert_int_equal(shown.key_bytes, 0);
	assert_string_equal(shown.key_type, "");
	assert_string_equal(shown.key, "");
	assert_int_equal(shown.iv_offset, 8);
	assert_int_equal(shown.start, 16);
	assert_true(shown.others);
}

static const char *const no_params[] = {
	"",
	"aes-xts-plain64",
	"aes-xts-plain64 :64:logon:k 0 7:12",
	"aes-xts-plain64 :64:logon 0 7:12 0",
	"aes-xts-plain64 :64 0 7:12 0",
	"aes-xts-plain64 :64:LOGON:k 0 7:12 0",
	"aes-xts-plain64 :64:logon:k x 7:12 0",
	"aes-xts-plain64 :64:logon:k -1 7:12 0",
	"aes-xts-plain64 :64:logon:k 0 7-12 0",
	"aes-xts-plain64 :64:logon:k 0 7:12x 0",
	"aes-xts-plain64 :64:logon:k 0 7:-2 0",
	"aes-xts-plain64 :64:logon:k 0 +7:12 0",
	"aes-xts-plain64 :64:logon:k 0 4096:12 0",
	"aes-xts-plain64 :64:logon:k 0 7:1048576 0",
	"aes-xts-plain64 :-64:logon:k 0 7:12 0",
	"aes-xts-plain64 :64::k 0 7:12 0",
	"aes-xts-plain64 :64:logon:k 0 7:12 0 2 allow_discards",
	"aes-xts-plain64 :64:logon:k 0 7:12 0 0 allow_discards",
	"aes-xts-plain64 :64:logon:k 0 7:12 0 x",
};

static void refuses_what_is_no_crypt_table(void **state)
{
	struct table_crypt_shown shown;

	(void)state;
	for (size_t i = 0; i < LENGTH(no_params); i++)
		assert_that(!table_parse_crypt(no_params[i], &shown), "accepted: %s", no_params[i]);
}

static void snapshot_params(void **state)
{
	struct table_snapshot snapshot = { .origin = makedev(7, 12),
					   .store = makedev(254, 1048575),
					   .chunk = 16 },
			      shown;
	char params[TABLE_PARAMS_MAX];

	(void)state;
	table_snapshot_params(&snapshot, params);
	assert_string_equal(params, "7:12 254:1048575 N 16");
	assert_true(table_parse_snapshot(params, &shown));
	assert_true(shown.origin == snapshot.origin && shown.store == snapshot.store);
	assert_int_equal(shown.chunk, 16);
}

static void refuses_other_snapshots(void **state)
{
	static const char *const others[] = {
		"",
		"7:12",
		"7:12 254:3",
		"7:12 254:3 N",
		"7:12 254:3 P 16",
		"7:12 254:3 PO 16",
		"7:12 254:3 N 0",
		"7:12 254:3 N -16",
		"7:12 254:3 N x",
		"7:12 254:3 N 99999999999",
		"7:12 254:-3 N 16",
		"/dev/a 254:3 N 16",
		"7:12 254:3 N 16 2 discard_zeroes_cow discard_passdown_origin",
	};
	struct table_snapshot shown;

	(void)state;
	for (size_t i = 0; i < LENGTH(others); i++)
		assert_that(!table_parse_snapshot(others[i], &shown), "accepted: %s", others[i]);
}

static void fill_of_a_snapshot(void **state)
{
	static const char *const none[] = {
		"", "16", "16/", "/32768 0", "-16/32768 0", "16/x 0", "Merge failed", "Unknown"
	};
	struct table_fill fill;

	(void)state;
	assert_true(table_parse_fill("16/32768 0", &fill));
	assert_false(fill.invalid);
	assert_int_equal(fill.used, 16);
	assert_int_equal(fill.total, 32768);
	assert_true(table_parse_fill("Invalid", &fill) && fill.invalid);
	assert_true(table_parse_fill("Overflow", &fill) && fill.invalid);
	for (size_t i = 0; i < LENGTH(none); i++)
		assert_that(!table_parse_fill(none[i], &fill), "accepted: %s", none[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crypt_params),
		cmocka_unit_test(longest_params_fit),
		cmocka_unit_test(parses_what_it_writes),
		cmocka_unit_test(parses_what_others_write),
		cmocka_unit_test(refuses_what_is_no_crypt_table),
		cmocka_unit_test(snapshot_params),
		cmocka_unit_test(refuses_other_snapshots),
		cmocka_unit_test(fill_of_a_snapshot),
		cmocka_unit_test(sectors_are_whole),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
