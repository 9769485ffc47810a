/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operator's command reads: its own words, and what the kernel prints. */
#include "unit.h"

#include <stdio.h>

#include "arguments.h"
#include "emulated.h"
#include "keyring.h"
#include "output.h"
#include "swap.h"

static int read_words(struct arguments *arguments, unsigned int allowed, enum operands operands,
		      struct error *err, char **words)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	return arguments_read(count, words, allowed, operands, arguments, err);
}

#define READ(allowed, operands, ...) \
	read_words(&arguments, allowed, operands, &err, (char *[]){ "verb", __VA_ARGS__, NULL })

static void takes_options(void **state)
{
	struct arguments arguments;
	struct error err;

	(void)state;
	assert_int_equal(
		READ(OPTION_JSON | OPTION_SIZE, OPERANDS_ONE, "--size=4M", "dom", "--json"), 0);
	assert_int_equal(arguments.seen, OPTION_JSON | OPTION_SIZE);
	assert_string_equal(arguments.size, "4M");
	assert_string_equal(arguments.operand, "dom");
	assert_int_equal(READ(OPTION_SIZE, OPERANDS_NONE, "--size", "4M"), 0);
	assert_string_equal(arguments.size, "4M");
	assert_int_equal(READ(OPTION_JSON, OPERANDS_ONE, "--", "--json"), 0);
	assert_string_equal(arguments.operand, "--json");
	assert_int_equal(READ(OPTION_ALL, OPERANDS_ONE_OR_ALL, "--all"), 0);
	assert_int_equal(READ(OPTION_ALL, OPERANDS_ONE_OR_ALL, "--help"), 0);
	assert_true(arguments.help);
}

static void refuses_options(void **state)
{
	struct arguments arguments;
	struct error err;

	(void)state;
	assert_int_equal(READ(OPTION_JSON, OPERANDS_NONE, "--all"), -1);
	assert_error_says(&err, "cannot use --all: this verb has no such option");
	assert_int_equal(READ(OPTION_JSON, OPERANDS_NONE, "--jso"), -1);
	assert_int_equal(READ(OPTION_JSON, OPERANDS_NONE, "-j"), -1);
	assert_int_equal(READ(OPTION_JSON, OPERANDS_NONE, "--json", "--json"), -1);
	assert_error_says(&err, "given twice");
	assert_int_equal(READ(OPTION_JSON, OPERANDS_NONE, "--json=yes"), -1);
	assert_error_says(&err, "takes no value");
	assert_int_equal(READ(OPTION_SIZE, OPERANDS_NONE, "--size"), -1);
	assert_error_says(&err, "needs a value");
	assert_int_equal(READ(OPTION_SIZE, OPERANDS_NONE, "--size="), -1);
	assert_int_equal(READ(0, OPERANDS_NONE, "word"), -1);
	assert_int_equal(READ(0, OPERANDS_ONE, "a", "b"), -1);
	assert_int_equal(READ(0, OPERANDS_ONE, ""), -1);
	assert_int_equal(READ(OPTION_ALL, OPERANDS_ONE_OR_ALL, "--all", "a"), -1);
	assert_error_says(&err, "exclude each other");
	assert_int_equal(READ(OPTION_ALL | OPTION_JSON, OPERANDS_ONE_OR_ALL, "--json"), -1);
	assert_error_says(&err, "a domain or --all is missing");
}

/* Lines of /proc/keys, Linux 6.1. */
#define KEY_LINE "0b6f7b5a I--Q---     1 perm 3d010000     0     0 logon     "

static void finds_keys(void **state)
{
	(void)state;
	assert_true(keyring_line_names(KEY_LINE "xeneph:one: 64\n", "xeneph:one"));
	assert_true(keyring_line_names(KEY_LINE "xeneph:one\n", "xeneph:one"));
	assert_true(keyring_line_names(KEY_LINE "xeneph:one", "xeneph:one"));
	assert_false(keyring_line_names(KEY_LINE "xeneph:one2: 64\n", "xeneph:one"));
	assert_false(keyring_line_names(KEY_LINE "xeneph:on\n", "xeneph:one"));
	assert_false(keyring_line_names(
		"0b6f7b5a I--Q--- 1 perm 3d010000 0 0 user xeneph:one: 64\n", "xeneph:one"));
	assert_false(keyring_line_names("", "xeneph:one"));
	assert_false(keyring_line_names("\n", "xeneph:one"));
}

static void reads_swaps(void **state)
{
	char text[] = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		      "/dev/dm-1                               partition\t1048572\t0\t-2\n"
		      "/var/a\\040swap\\012file                    file\t8188\t0\t-3\n";
	FILE *file = fmemopen(text, sizeof(text) - 1, "r");
	char path[64];

	(void)state;
	assert_true(swap_next(file, path, sizeof(path)));
	assert_string_equal(path, "/dev/dm-1");
	assert_true(swap_next(file, path, sizeof(path)));
	assert_string_equal(path, "/var/a swap\nfile");
	assert_false(swap_next(file, path, sizeof(path)));
	fclose(file);
}

static void finds_qemu(void **state)
{
	static const char line[] = "/usr/bin/qemu-system-i386\0-xen-domid\0"
				   "7\0-no-shutdown\0"
				   "8";

	(void)state;
	assert_true(emulated_serves(line, sizeof(line), 7));
	assert_false(emulated_serves(line, sizeof(line), 8));
	assert_false(emulated_serves(line, sizeof(line), 77));
	assert_false(emulated_serves("-xen-domid\0"
				     "7",
				     12, 7)); /* cut before its NUL */
	assert_true(emulated_serves("-xen-domid\0"
				    "7",
				    13, 7));
	assert_false(emulated_serves("", 0, 7));
}

static void names_disks(void **state)
{
	char text[32];

	(void)state;
	output_name_disk(51712, text, sizeof(text));
	assert_string_equal(text, "xvda");
	output_name_disk(51744, text, sizeof(text));
	assert_string_equal(text, "xvdc");
	output_name_disk((1u << 28) | (16u << 8), text, sizeof(text));
	assert_string_equal(text, "xvdq");
	output_name_disk(51713, text, sizeof(text));
	assert_string_equal(text, "disk 51713");
	output_name_disk(768, text, sizeof(text));
	assert_string_equal(text, "disk 768");
}

static void cleans_text(void **state)
{
	char text[8];

	(void)state;
	output_clean("a\nb\033[31m", text, sizeof(text));
	assert_string_equal(text, "a?b?[31");
}

static void describes_a_cow_disk(void **state)
{
	struct device device = {
		.identity = { .domid = 7, .devid = 51712, .part = MAPPING_SNAPSHOT },
		.state = { .armed = true, .openers = 1 },
		.table = DEVICE_SNAPSHOT,
		.fill = { .used = 32, .total = 131072 },
		.encrypted = true,
		.bytes = 2ull << 30,
		.age = 61,
		.store = "unnamed file in /srv",
		.origin = "/img/\x1broot"
	};
	char text[1024];

	(void)state;
	output_name(&device, text, sizeof(text));
	assert_string_equal(text, "xvda of domain 7");
	output_describe(&device, text, sizeof(text));
	assert_string_equal(text, "2 GiB, 0 B written, encrypted, armed, open 1, 1 min, "
				  "16 KiB of 64 MiB used, origin /img/?root, unnamed file in /srv");
	device.fill.invalid = true;
	output_describe(&device, text, sizeof(text));
	assert_non_null(strstr(text, ", OVERFLOWED: every request fails, origin "));
	device.encrypted = false;
	output_describe(&device, text, sizeof(text));
	assert_non_null(strstr(text, ", not encrypted, "));
	device.identity.part = MAPPING_STORE;
	output_name(&device, text, sizeof(text));
	assert_string_equal(text, "store of xvda of domain 7");
}

/* A snapshot is the disk; what is below it is told of, and wiped, before it. */
static void finds_the_disk_not_its_store(void **state)
{
	struct device devices[] = {
		{ .identity = { .domid = 7, .devid = 1, .part = MAPPING_STORE } },
		{ .identity = { .domid = 7, .devid = 1, .part = MAPPING_SNAPSHOT } },
		{ .identity = { .domid = 7, .devid = 2 } },
	};
	struct inventory inventory = { devices, LENGTH(devices) };

	(void)state;
	assert_ptr_equal(inventory_find(&inventory, 7, 1), &devices[1]);
	assert_ptr_equal(inventory_find(&inventory, 7, 2), &devices[2]);
	assert_null(inventory_find(&inventory, 7, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describes_a_cow_disk),
		cmocka_unit_test(finds_the_disk_not_its_store),
		cmocka_unit_test(takes_options),
		cmocka_unit_test(refuses_options),
		cmocka_unit_test(finds_keys),
		cmocka_unit_test(reads_swaps),
		cmocka_unit_test(finds_qemu),
		cmocka_unit_test(names_disks),
		cmocka_unit_test(cleans_text),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
