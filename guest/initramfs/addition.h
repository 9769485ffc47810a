/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is added to an initramfs: our files, and the archive that they make with the stock /init. */
#ifndef XE_ADDITION_H
#define XE_ADDITION_H

#include "stock.h"

/* Our own files, in the order of stock_names; STOCK_INIT_STOCK is not among them. */
struct addition {
	struct bytes files[STOCK_NAMES];
};

/* Reads them from the folder share. Returns 0 or -1; *addition is to be freed either way. */
int addition_read(const char *share, struct addition *addition, struct error *err);

/* Tells whether the initramfs has exactly these files of ours. */
bool addition_is_in(const struct addition *addition, const struct stock *stock);

/*
 * Appends a newc archive of our files and of the stock /init as /init.stock. The same files make the
 * same bytes. Returns 0 or -1.
 */
int addition_pack(const struct addition *addition, const struct stock_file *init, struct bytes *out,
		  struct error *err);

void addition_free(struct addition *addition);

#define cleanup_addition __attribute__((cleanup(addition_free)))

#endif
