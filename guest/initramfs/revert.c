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

static bool holds_stock(const struct kernel *kernel, const char *file, bool image)
{
	cleanup_bytes struct bytes bytes = { .limit = KERNEL_FILE_MAX };
	struct error ignored;
	int found = image ? image_read(kernel, file, &bytes, &ignored)
			  : kernel_read(kernel, file, &bytes, NULL, &ignored);

	return found > 0 && is_stock(&bytes);
}

static bool is_there(const struct kernel *kernel, const char *file)
{
	struct stat status;

	return fstatat(kernel->dir, file, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A file that can no longer be read is given up for its original. */
static int put_back(const struct kernel *kernel, const char *kept, const char *file, bool image,
		    struct error *err)
{
	if (!is_there(kernel, kept))
		return 0;
	if (holds_stock(kernel, file, image)) {
		printf("%s/%s: is an original\n", kernel->name, file);
		return kernel_remove(kernel, kept, err) < 0 ? -1 : 0;
	}
	if (kernel_put(kernel, kept, file, err) < 0)
		return -1;
	printf("%s/%s: the original is back\n", kernel->name, file);
	return 0;
}

/* The other half of a kernel may be reverted already; what is prepared and has no original stays so. */
static int check_originals(const struct kernel *kernel, struct error *err)
{
	if (is_there(kernel, KERNEL_INITRAMFS_STOCK) || is_there(kernel, KERNEL_IMAGE_STOCK) ||
	    holds_stock(kernel, KERNEL_INITRAMFS, false))
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
	    kernel_remove(&kernel, KERNEL_MARKER, err) < 0 ||
	    put_back(&kernel, KERNEL_IMAGE_STOCK, KERNEL_IMAGE, true, err) < 0 ||
	    put_back(&kernel, KERNEL_INITRAMFS_STOCK, KERNEL_INITRAMFS, false, err) < 0)
		return OUTCOME_FAILED;
	return OUTCOME_DONE;
}
