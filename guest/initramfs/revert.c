/* SPDX-License-Identifier: GPL-2.0-or-later */
/* revert: the kept originals come back, by a rename each; the marker goes first. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "image.h"
#include "kernel.h"
#include "stock.h"
#include "verb.h"

/* Tells whether bytes are an initramfs that is not prepared: a newer original than the kept one. */
static bool is_stock(const struct bytes *bytes)
{
	cleanup_stock struct stock stock = { 0 };
	struct error ignored;

	return stock_read(bytes->data, bytes->length, &stock_limits, &stock, &ignored) == 0 &&
	       !stock.prepared;
}

static bool holds_stock(const struct kernel *kernel, const char *file)
{
	cleanup_bytes struct bytes bytes = { .limit = KERNEL_FILE_MAX };
	struct error ignored;

	return kernel_read(kernel, file, &bytes, NULL, &ignored) > 0 && is_stock(&bytes);
}

static bool is_there(const struct kernel *kernel, const char *file)
{
	struct stat status;

	return fstatat(kernel->dir, file, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A file that can no longer be read is given up for its original. */
static int put_back(const struct kernel *kernel, const char *kept, const char *file,
		    struct error *err)
{
	if (kernel_put(kernel, kept, file, err) < 0)
		return -1;
	printf("%s/%s: the original is back\n", kernel->name, file);
	return 0;
}

static int keep_as_it_is(const struct kernel *kernel, const char *kept, const char *file,
			 struct error *err)
{
	printf("%s/%s: is an original\n", kernel->name, file);
	return kernel_remove(kernel, kept, err) < 0 ? -1 : 0;
}

static int put_back_initramfs(const struct kernel *kernel, struct error *err)
{
	static const char file[] = KERNEL_INITRAMFS, kept[] = KERNEL_INITRAMFS_STOCK;

	if (!is_there(kernel, kept))
		return 0;
	if (holds_stock(kernel, file))
		return keep_as_it_is(kernel, kept, file, err);
	return put_back(kernel, kept, file, err);
}

/* Writes the stock initramfs into an image that was built with a prepared one. */
static int put_stock_into_image(const struct kernel *kernel, struct error *err)
{
	cleanup_bytes struct bytes stock = { .limit = KERNEL_FILE_MAX };
	bool kept = is_there(kernel, KERNEL_INITRAMFS_STOCK);

	if (!kept && !holds_stock(kernel, KERNEL_INITRAMFS))
		return kernel_error(kernel, err, 0, KERNEL_INITRAMFS_STOCK, "no original is kept",
				    "cannot put back");
	if (kernel_read(kernel, kept ? KERNEL_INITRAMFS_STOCK : KERNEL_INITRAMFS, &stock, NULL,
			err) < 0 ||
	    kernel_copy(kernel, KERNEL_IMAGE, kernel, KERNEL_NEW_IMAGE, err) < 0 ||
	    image_write(kernel, KERNEL_NEW_IMAGE, &stock, err) < 0 ||
	    kernel_put(kernel, KERNEL_NEW_IMAGE, KERNEL_IMAGE, err) < 0)
		return -1;
	printf("%s/%s: has the original initramfs\n", kernel->name, KERNEL_IMAGE);
	return kernel_remove(kernel, KERNEL_IMAGE_STOCK, err) < 0 ? -1 : 0;
}

/* The kept original of another image has other modules than those that the kernel has now. */
static int put_back_image(const struct kernel *kernel, struct error *err)
{
	static const char file[] = KERNEL_IMAGE, kept[] = KERNEL_IMAGE_STOCK;
	cleanup_bytes struct bytes inside = { .limit = KERNEL_FILE_MAX };
	struct error ignored;
	int found = image_read(kernel, file, &inside, &ignored);

	if (found > 0 && is_stock(&inside))
		return is_there(kernel, kept) ? keep_as_it_is(kernel, kept, file, err) : 0;
	if (found > 0 && !image_is_same(kernel, file, kept))
		return put_stock_into_image(kernel, err);
	return is_there(kernel, kept) ? put_back(kernel, kept, file, err) : 0;
}

/* The other half of a kernel may be reverted already; what is prepared and has no original stays so. */
static int check_originals(const struct kernel *kernel, struct error *err)
{
	if (is_there(kernel, KERNEL_INITRAMFS_STOCK) || is_there(kernel, KERNEL_IMAGE_STOCK) ||
	    holds_stock(kernel, KERNEL_INITRAMFS))
		return 0;
	return kernel_error(kernel, err, 0, KERNEL_INITRAMFS_STOCK,
			    "no original is kept; was it made by --output?", "cannot put back");
}

enum outcome verb_revert(const struct request *request, struct error *err)
{
	cleanup_kernel struct kernel kernel = { .root = -1, .dir = -1 };

	if (kernel_check_name(request->kernel, err) < 0)
		return OUTCOME_USAGE;
	if (kernel_open(request->root, request->kernel, &kernel, err) < 0 ||
	    kernel_sweep(&kernel, err) < 0 || check_originals(&kernel, err) < 0 ||
	    kernel_remove(&kernel, KERNEL_MARKER, err) < 0 || put_back_image(&kernel, err) < 0 ||
	    put_back_initramfs(&kernel, err) < 0)
		return OUTCOME_FAILED;
	return OUTCOME_DONE;
}
