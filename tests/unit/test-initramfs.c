/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "codec.h"
#include "kernel.h"
#include "newc.h"
#include "prepared.h"
#include "stock.h"

static struct error err;

#define LIMIT (1u << 20)

/* Appends an entry as every archiver writes it. */
static void add(struct bytes *bytes, const char *name, unsigned int mode, unsigned int links,
		const char *body)
{
	char header[160];
	size_t length = strlen(name) + 1;

	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, mode, 0, 0,
		 links, 0, strlen(body), 0, 0, 0, 0, length, 0);
	assert_int_equal(bytes_append(bytes, header, 110, &err), 0);
	assert_int_equal(bytes_append(bytes, name, length, &err), 0);
	assert_int_equal(bytes_align(bytes, &err), 0);
	assert_int_equal(bytes_append(bytes, body, strlen(body), &err), 0);
	assert_int_equal(bytes_align(bytes, &err), 0);
}

static void add_end(struct bytes *bytes)
{
	add(bytes, "TRAILER!!!", 0, 1, "");
}

static void names_are_as_linux_finds_them(void **state)
{
	static const struct {
		const char *name, *clean;
	} names[] = {
		{ "init", "init" },
		{ "/init", "init" },
		{ "./init", "init" },
		{ ".//./init/", "init" },
		{ "a/./b//c", "a/b/c" },
		{ ".", "" },
		{ "/", "" },
		{ "...", "..." },
		{ ".init", ".init" },
	};
	char clean[NEWC_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		assert_int_equal(newc_clean_name(names[i].name, clean, &err), 0);
		assert_string_equal(clean, names[i].clean);
	}
	assert_int_equal(newc_clean_name("a/../init", clean, &err), -1);
	assert_error_says(&err, "..");
}

static void the_last_init_counts(void **state)
{
	static const char *const names[] = { "init", "./init", "/init" };
	static const char *const shells[] = { "bin/sh", "./usr/bin/sh", "/bin/sh" };

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		cleanup_bytes struct bytes bytes = { .limit = LIMIT };
		cleanup_stock struct stock stock = { 0 };

		add(&bytes, "init", S_IFREG | 0755, 1, "first");
		add_end(&bytes);
		add(&bytes, names[i], S_IFREG | 0700, 1, "second");
		add(&bytes, "sbin/init", S_IFREG | 0700, 1, "no");
		add(&bytes, shells[i], S_IFREG | 0755, 1, "sh");
		add_end(&bytes);
		assert_int_equal(stock_read(bytes.data, bytes.length, &stock_limits, &stock, &err),
				 0);
		assert_int_equal(stock_check(&stock, &err), 0);
		assert_int_equal(stock.files[STOCK_INIT].mode, S_IFREG | 0700);
		assert_int_equal(stock.files[STOCK_INIT].body.length, 6);
		assert_false(stock.prepared || stock.gzip);
		assert_null(stock.last);
	}
}

static const struct {
	const char *name;
	unsigned int mode, links;
	const char *body, *reason;
} inits[] = {
	{ "other", S_IFREG | 0755, 1, "x", "no /init" },
	{ "init", S_IFDIR | 0755, 2, "", "neither a file" },
	{ "init", S_IFCHR | 0755, 1, "", "neither a file" },
	{ "init", S_IFREG | 0755, 2, "x", "hard link" },
	{ "init", S_IFREG | 0755, 1, "", "empty" },
	{ "init", S_IFLNK | 0777, 1, "", "leads to no path" },
	{ "init", S_IFREG | 0755, 1, "x", "no /bin/sh" },
	{ "init", S_IFLNK | 0777, 1, "busybox", "is busybox" },
	{ "init", S_IFLNK | 0777, 1, "/bin/busybox", "is busybox" },
	{ "init", S_IFLNK | 0777, 1, "notbusybox", "no /bin/sh" },
	{ "../init", S_IFREG | 0755, 1, "x", ".." },
};

static void refuses_what_cannot_be_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(inits); i++) {
		cleanup_bytes struct bytes bytes = { .limit = LIMIT };
		cleanup_stock struct stock stock = { 0 };

		add(&bytes, inits[i].name, inits[i].mode, inits[i].links, inits[i].body);
		add_end(&bytes);
		assert_that(stock_read(bytes.data, bytes.length, &stock_limits, &stock, &err) < 0 ||
				    stock_check(&stock, &err) < 0,
			    "accepted: %zu", i);
		assert_error_says(&err, inits[i].reason);
	}
}

/* Every cut but those within the zeros at the end. */
static void refuses_every_cut(void **state)
{
	cleanup_bytes struct bytes bytes = { .limit = LIMIT };

	(void)state;
	add(&bytes, "init", S_IFREG | 0755, 1, "stock");
	add_end(&bytes);
	for (size_t length = 0; length < bytes.length; length++) {
		struct stock stock;

		assert_that(stock_read(bytes.data, length, &stock_limits, &stock, &err) < 0,
			    "accepted with %zu bytes", length);
		stock_free(&stock);
	}
}

static void keeps_to_its_limits(void **state)
{
	static const struct stock_limits small = { .unpacked = 300, .file = 4 };
	cleanup_bytes struct bytes bytes = { .limit = LIMIT }, packed = { .limit = LIMIT };
	struct stock stock;

	(void)state;
	add(&bytes, "init", S_IFREG | 0755, 1, "stock");
	add_end(&bytes);
	assert_int_equal(stock_read(bytes.data, bytes.length, &small, &stock, &err), -1);
	assert_error_says(&err, "cannot take init: absurdly large");
	stock_free(&stock);
	add(&bytes, "more", S_IFREG | 0755, 1, "more");
	assert_int_equal(codec_pack_gzip(&bytes, &packed, &err), 0);
	assert_int_equal(stock_read(packed.data, packed.length, &small, &stock, &err), -1);
	assert_error_says(&err, "more than this program takes");
	stock_free(&stock);
}

static void make_addition(struct addition *addition, const char *init)
{
	for (size_t i = 0; i < STOCK_NAMES; i++) {
		addition->files[i] = (struct bytes){ .limit = LIMIT };
		assert_int_equal(bytes_append(&addition->files[i], init, strlen(init), &err), 0);
	}
}

static int pack_none(const struct bytes *data, struct bytes *out, struct error *error)
{
	return bytes_append(out, data->data, data->length, error);
}

static void prepares_every_kind_the_same_each_time(void **state)
{
	static int (*const packs[])(const struct bytes *, struct bytes *,
				    struct error *) = { pack_none, codec_pack_gzip,
							codec_pack_lz4 };
	cleanup_bytes struct bytes archive = { .limit = LIMIT };
	cleanup_addition struct addition addition;

	(void)state;
	make_addition(&addition, "#!/bin/sh\n");
	add(&archive, "init", S_IFLNK | 0777, 1, "/bin/systemd");
	add_end(&archive);
	for (size_t i = 0; i < LENGTH(packs); i++) {
		cleanup_bytes struct bytes data = { .limit = LIMIT }, first = { .limit = LIMIT };
		cleanup_bytes struct bytes second = { .limit = LIMIT };
		cleanup_stock struct stock stock = { 0 }, again = { 0 };
		const struct stock_file *kept = &again.files[STOCK_INIT_STOCK];

		assert_int_equal(packs[i](&archive, &data, &err), 0);
		assert_int_equal(stock_read(data.data, data.length, &stock_limits, &stock, &err),
				 0);
		assert_int_equal(prepared_make(&data, &stock, &addition, &first, &err), 0);
		assert_int_equal(prepared_make(&data, &stock, &addition, &second, &err), 0);
		assert_true(bytes_equal(&first, &second));
		assert_int_equal(stock_read(first.data, first.length, &stock_limits, &again, &err),
				 0);
		assert_true(again.prepared && addition_is_in(&addition, &again));
		assert_int_equal(kept->mode, S_IFLNK | 0777);
		assert_int_equal(kept->body.length, strlen("/bin/systemd"));
	}
}

static void tells_other_files_of_ours(void **state)
{
	cleanup_bytes struct bytes data = { .limit = LIMIT }, made = { .limit = LIMIT };
	cleanup_addition struct addition old, new;
	cleanup_stock struct stock stock = { 0 }, again = { 0 };

	(void)state;
	make_addition(&old, "#!/bin/sh\n# old\n");
	make_addition(&new, "#!/bin/sh\n# new\n");
	add(&data, "init", S_IFREG | 0755, 1, "stock");
	add_end(&data);
	assert_int_equal(stock_read(data.data, data.length, &stock_limits, &stock, &err), 0);
	assert_int_equal(prepared_make(&data, &stock, &old, &made, &err), 0);
	assert_int_equal(stock_read(made.data, made.length, &stock_limits, &again, &err), 0);
	assert_true(again.prepared && !addition_is_in(&new, &again));
}

static void a_kernel_is_one_name(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "/", "/a" };
	char longest[KERNEL_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_int_equal(kernel_check_name(bad[i], &err), -1);
	memset(longest, 'a', sizeof(longest));
	longest[KERNEL_NAME_MAX + 1] = '\0';
	assert_int_equal(kernel_check_name(longest, &err), -1);
	longest[KERNEL_NAME_MAX] = '\0';
	assert_int_equal(kernel_check_name(longest, &err), 0);
	assert_int_equal(kernel_check_name("6.12.63-1.fc41", &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_as_linux_finds_them),
		cmocka_unit_test(the_last_init_counts),
		cmocka_unit_test(refuses_what_cannot_be_kept),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(keeps_to_its_limits),
		cmocka_unit_test(prepares_every_kind_the_same_each_time),
		cmocka_unit_test(tells_other_files_of_ours),
		cmocka_unit_test(a_kernel_is_one_name),
	};

	return cmocka_run_group_tests_name("initramfs", tests, NULL, NULL);
}
