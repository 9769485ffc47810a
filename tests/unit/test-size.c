/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "size.h"

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {
	{ "4096", 4096 },
	{ "4K", 4096 },
	{ "64K", 65536 },
	{ "300M", 300ull << 20 },
	{ "12G", 12ull << 30 },
	{ "2T", 2ull << 40 },
	{ "12582912", 12582912 },
	/* The last one of each unit below 2^63. */
	{ "8388607T", 8388607ull << 40 },
	{ "8589934591G", 8589934591ull << 30 },
	{ "8796093022207M", 8796093022207ull << 20 },
	{ "9007199254740988K", 9007199254740988ull << 10 },
	{ "9223372036854771712", 9223372036854771712ull },
};

static void takes_units(void **state)
{
	struct error err;
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		bytes = 0;
		assert_that(size_parse(sizes[i].text, &bytes, &err) == 0, "refused: %s",
			    sizes[i].text);
		assert_that(bytes == sizes[i].bytes, "%s became %ju", sizes[i].text,
			    (uintmax_t)bytes);
	}
}

static const struct {
	const char *text, *why;
} refused[] = {
	{ "", "cannot understand size" },
	{ "0", "above 0" },
	{ "0G", "above 0" },
	{ "00", "above 0" },
	{ "012G", "cannot understand size" },
	{ "-1", "cannot understand size" },
	{ "-12G", "cannot understand size" },
	{ "+12G", "cannot understand size" },
	{ " 12G", "cannot understand size" },
	{ "12G ", "cannot understand size" },
	{ "12 G", "cannot understand size" },
	{ "12X", "cannot understand size" },
	{ "12g", "cannot understand size" },
	{ "12k", "cannot understand size" },
	{ "12GB", "cannot understand size" },
	{ "12GG", "cannot understand size" },
	{ "12.5G", "cannot understand size" },
	{ "0x1000", "cannot understand size" },
	{ "G", "cannot understand size" },
	{ "1P", "cannot understand size" },
	{ "4095", "multiple of 4096" },
	{ "4097", "multiple of 4096" },
	{ "1K", "multiple of 4096" },
	/* 2^63, then 2^64, where a product wraps around to 0, then where it wraps to 4096 */
	{ "8388608T", "too large" },
	{ "8589934592G", "too large" },
	{ "8796093022208M", "too large" },
	{ "9007199254740992K", "too large" },
	{ "9223372036854775808", "too large" },
	{ "16777216T", "too large" },
	{ "18446744073709551616", "too large" },
	{ "18446744073709555712", "too large" },
	{ "18014398509481988K", "too large" },
	{ "99999999999999999999999999999999999999", "too large" },
};

static void refuses(void **state)
{
	struct error err;
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		assert_that(size_parse(refused[i].text, &bytes, &err) == -1, "accepted: %s",
			    refused[i].text);
		assert_error_says(&err, refused[i].why);
		assert_error_says(&err, refused[i].text);
	}
}

static const struct {
	uint64_t number;
	const char *bytes;
	const char *time;
} formatted[] = {
	{ 0, "0 B", "0 s" },
	{ 59, "59 B", "59 s" },
	{ 60, "60 B", "1 min" },
	{ 1023, "1023 B", "17 min" },
	{ 1024, "1 KiB", "17 min" },
	{ 1536, "1.5 KiB", "25 min" },
	{ 7200, "7 KiB", "2 h" },
	{ 1048575, "1023.9 KiB", "12 d" },
	{ 1048576, "1 MiB", "12 d" },
	{ UINT64_C(12) << 30, "12 GiB", "149130 d" },
	{ UINT64_MAX, "15.9 EiB", "213503982334601 d" },
};

static void formats(void **state)
{
	char text[SIZE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(formatted); i++) {
		size_format(formatted[i].number, text);
		assert_string_equal(text, formatted[i].bytes);
		size_format_time(formatted[i].number, text);
		assert_string_equal(text, formatted[i].time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_units),
		cmocka_unit_test(refuses),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
