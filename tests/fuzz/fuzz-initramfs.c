/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An initramfs, hostile or not: what is accepted can be prepared, and the prepared one is read back as
 * ours with the stock /init kept; the stock bytes stay.
 *
 * options: -max_len=4096
 */
#include "fuzz.h"

#include "prepared.h"

static const struct stock_limits limits = { .unpacked = 1u << 20, .file = 1u << 16 };

static void make_addition(struct addition *addition)
{
	struct error err;

	for (size_t i = 0; i < STOCK_NAMES; i++) {
		addition->files[i] = (struct bytes){ .limit = 64 };
		MUST(i == STOCK_INIT_STOCK ||
		     bytes_append(&addition->files[i], "#!/bin/sh\n", 10, &err) == 0);
	}
}

static void check_stock_bytes(const struct bytes *data, const struct stock *stock,
			      const struct bytes *prepared, const struct stock *again)
{
	const struct bytes *all = stock->gzip ? &stock->unpacked : data;
	const struct bytes *now = stock->gzip ? &again->unpacked : prepared;

	MUST(now->length > all->length);
	MUST(memcmp(now->data, all->data, all->length) == 0);
}

static void check_prepared(const struct bytes *data, const struct stock *stock)
{
	static const struct stock_limits more = { .unpacked = 4u << 20, .file = 1u << 16 };
	cleanup_bytes struct bytes prepared = { .limit = 8u << 20 };
	cleanup_addition struct addition addition;
	cleanup_stock struct stock again = { 0 };
	const struct stock_file *kept = &again.files[STOCK_INIT_STOCK];
	struct error err;

	make_addition(&addition);
	MUST(prepared_make(data, stock, &addition, &prepared, &err) == 0);
	MUST(stock_read(prepared.data, prepared.length, &more, &again, &err) == 0);
	MUST(again.prepared && addition_is_in(&addition, &again));
	MUST(kept->mode == stock->files[STOCK_INIT].mode);
	MUST(bytes_equal(&kept->body, &stock->files[STOCK_INIT].body));
	check_stock_bytes(data, stock, &prepared, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { .data = (uint8_t *)fuzz_text(data, size), .length = size };
	cleanup_stock struct stock stock = { 0 };
	struct error err;

	if (stock_read(bytes.data, size, &limits, &stock, &err) < 0 ||
	    stock_check(&stock, &err) < 0)
		fuzz_error(&err);
	else if (!stock.prepared)
		check_prepared(&bytes, &stock);
	free(bytes.data);
	return 0;
}
