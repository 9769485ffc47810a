/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sysfs.h"

static const struct {
	const char *text;
	unsigned int major_number, minor_number;
} devices[] = {
	{ "7:0", 7, 0 },     { "fe:a", 254, 10 },
	{ "FE:A", 254, 10 }, { "103:3e8", 0x103, 1000 },
	{ "0:0", 0, 0 },     { "fff:fffff", 0xfff, 0xfffff },
};

static void parses_blkback_numbers(void **state)
{
	dev_t device;

	(void)state;
	for (size_t i = 0; i < LENGTH(devices); i++) {
		assert_that(sysfs_parse_device(devices[i].text, &device), "refused: %s",
			    devices[i].text);
		assert_int_equal(major(device), devices[i].major_number);
		assert_int_equal(minor(device), devices[i].minor_number);
	}
}

static void refuses_anything_else(void **state)
{
	static const char *const texts[] = {
		"",	":",	 "7",	  "7:",	  ":7",		 "7:0 ",       " 7:0",	"7: 0",
		"7 :0", "7:0:0", "7:0\n", "-7:0", "7:-1",	 "+7:0",       "0x7:0", "7:0x1",
		"g:0",	"7:g",	 "7:0/",  "7,0",  "100000000:0", "7:100000000"
	};
	dev_t device;

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		assert_that(!sysfs_parse_device(texts[i], &device), "accepted: \"%s\"", texts[i]);
		assert_that(!sysfs_parse_number(texts[i], &device), "accepted: \"%s\"", texts[i]);
	}
}

static void parses_decimal_numbers(void **state)
{
	dev_t device = 0;

	(void)state;
	assert_true(sysfs_parse_number("4095:1048575", &device));
	assert_int_equal(device, makedev(4095, 1048575));
	assert_false(sysfs_parse_number("4096:0", &device));
	assert_false(sysfs_parse_number("0:1048576", &device));
	assert_false(sysfs_parse_number("fe:a", &device));
}

/* Writes size times c and then end into a new file, whose path goes into path. */
static void make_file(char *path, size_t size, char c, const char *end)
{
	FILE *file;

	strcpy(path, "/tmp/xe-unit-XXXXXX");
	file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	while (size-- > 0)
		fputc(c, file);
	fputs(end, file);
	assert_int_equal(fclose(file), 0);
}

static int read_file(size_t size, const char *end, char value[SYSFS_VALUE_MAX])
{
	char path[32];
	int result, saved;

	make_file(path, size, 'a', end);
	result = sysfs_read(path, value);
	saved = errno;
	unlink(path);
	errno = saved;
	return result;
}

static void reads_a_line(void **state)
{
	char value[SYSFS_VALUE_MAX];

	(void)state;
	assert_int_equal(read_file(3, "\n", value), 0);
	assert_string_equal(value, "aaa");
	assert_int_equal(read_file(3, "", value), 0);
	assert_string_equal(value, "aaa");
	assert_int_equal(read_file(0, "\n", value), 0);
	assert_string_equal(value, "");
	assert_int_equal(read_file(0, "", value), 0);
	assert_string_equal(value, "");
	/* Only the final newline is not the value's. */
	assert_int_equal(read_file(1, "\n\n", value), 0);
	assert_string_equal(value, "a\n");
}

static void cuts_nothing(void **state)
{
	char value[SYSFS_VALUE_MAX];

	(void)state;
	assert_int_equal(read_file(SYSFS_VALUE_MAX - 2, "\n", value), 0);
	assert_int_equal(strlen(value), SYSFS_VALUE_MAX - 2);
	assert_int_equal(read_file(SYSFS_VALUE_MAX, "\n", value), -1);
	assert_int_equal(errno, EOVERFLOW);
	assert_int_equal(read_file(4096, "\n", value), -1);
	assert_int_equal(errno, EOVERFLOW);
}

static void says_what_is_missing(void **state)
{
	char value[SYSFS_VALUE_MAX];

	(void)state;
	assert_int_equal(sysfs_read("/sys/xen-ephemeral/none", value), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sysfs_read_device(makedev(4000, 1), "ro", value), -1);
	assert_int_equal(errno, ENOENT);
}

static void tells_an_end_from_a_failure(void **state)
{
	char path[] = "/tmp/test-sysfs-XXXXXX", entry[64];
	const char *name;
	DIR *dir;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(entry, sizeof(entry), "%s/one", path);
	assert_int_equal(mkdir(entry, 0700), 0);
	dir = opendir(path);
	assert_non_null(dir);
	assert_int_equal(sysfs_next(dir, &name), 1);
	assert_string_equal(name, "one");
	assert_int_equal(sysfs_next(dir, &name), 0);
	closedir(dir);
	dir = opendir(path);
	assert_non_null(dir);
	close(dirfd(dir));
	assert_int_equal(sysfs_next(dir, &name), -1);
	assert_int_equal(errno, EBADF);
	closedir(dir);
	assert_int_equal(rmdir(entry) + rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_blkback_numbers),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(parses_decimal_numbers),
		cmocka_unit_test(reads_a_line),
		cmocka_unit_test(cuts_nothing),
		cmocka_unit_test(says_what_is_missing),
		cmocka_unit_test(tells_an_end_from_a_failure),
	};

	return cmocka_run_group_tests_name("sysfs", tests, NULL, NULL);
}
