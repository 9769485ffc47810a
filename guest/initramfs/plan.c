/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "image.h"
#include "plan.h"
#include "prepared.h"

static int read_stock(const struct kernel *kernel, const char *file, const struct bytes *bytes,
		      struct stock *stock, struct error *err)
{
	if (stock_read(bytes->data, bytes->length, &stock_limits, stock, err) < 0 ||
	    stock_check(stock, err) < 0)
		return kernel_blame(kernel, err, file);
	return 0;
}

static int make_from(const struct kernel *kernel, const char *file, const struct bytes *bytes,
		     const struct stock *stock, const struct addition *addition, struct plan *plan,
		     struct error *err)
{
	if (prepared_make(bytes, stock, addition, &plan->prepared, err) < 0)
		return kernel_blame(kernel, err, file);
	return 0;
}

static int make_from_kept(const struct kernel *kernel, const struct addition *addition,
			  struct plan *plan, struct error *err)
{
	cleanup_bytes struct bytes kept = { .limit = KERNEL_FILE_MAX };
	cleanup_stock struct stock stock = { 0 };
	int found = kernel_read(kernel, KERNEL_INITRAMFS_STOCK, &kept, NULL, err);

	if (found == 0)
		return kernel_error(kernel, err, 0, KERNEL_INITRAMFS,
				    "it is prepared already, and its original is not there",
				    "cannot prepare");
	if (found < 0 || read_stock(kernel, KERNEL_INITRAMFS_STOCK, &kept, &stock, err) < 0)
		return -1;
	if (stock.prepared)
		return kernel_error(kernel, err, 0, KERNEL_INITRAMFS_STOCK,
				    "it is no original: it is prepared itself", "cannot use");
	return make_from(kernel, KERNEL_INITRAMFS_STOCK, &kept, &stock, addition, plan, err);
}

int plan_make(const struct kernel *kernel, const struct addition *addition, struct plan *plan,
	      struct error *err)
{
	cleanup_stock struct stock stock = { 0 };
	int found;

	memset(plan, 0, sizeof(*plan));
	plan->now.limit = KERNEL_FILE_MAX;
	plan->prepared.limit = KERNEL_FILE_MAX;
	found = kernel_read(kernel, KERNEL_INITRAMFS, &plan->now, &plan->status, err);
	if (found <= 0)
		return found < 0 ? -1
				 : kernel_error(kernel, err, ENOENT, KERNEL_INITRAMFS, NULL,
						"cannot prepare");
	if (read_stock(kernel, KERNEL_INITRAMFS, &plan->now, &stock, err) < 0)
		return -1;
	plan->was_prepared = stock.prepared;
	if (stock.prepared)
		return make_from_kept(kernel, addition, plan, err);
	return make_from(kernel, KERNEL_INITRAMFS, &plan->now, &stock, addition, plan, err);
}

void plan_free(struct plan *plan)
{
	bytes_free(&plan->now);
	bytes_free(&plan->prepared);
}

int plan_look_at_image(const struct kernel *kernel, const struct bytes *prepared,
		       enum plan_image *image, struct error *err)
{
	cleanup_bytes struct bytes inside = { .limit = KERNEL_FILE_MAX };
	cleanup_stock struct stock stock = { 0 };
	int found = image_read(kernel, KERNEL_IMAGE, &inside, err);

	*image = PLAN_IMAGE_NONE;
	if (found < 0)
		return err->number == ENOENT ? 0 : -1;
	*image = found == 0 ? PLAN_IMAGE_WITHOUT : PLAN_IMAGE_DONE;
	if (found == 0 || bytes_equal(&inside, prepared))
		return 0;
	if (stock_read(inside.data, inside.length, &stock_limits, &stock, err) < 0) {
		error_add_detail(err, "the initramfs inside");
		return kernel_blame(kernel, err, KERNEL_IMAGE);
	}
	*image = stock.prepared ? PLAN_IMAGE_OLD : PLAN_IMAGE_STOCK;
	return 0;
}
