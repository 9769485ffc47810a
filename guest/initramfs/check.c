/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: what is prepared. */
#include <stdio.h>

#include "marker.h"
#include "plan.h"
#include "verb.h"

/* Prints a line. Returns what it is given. */
static bool tell(const struct kernel *kernel, const char *file, bool good, const char *what)
{
	printf("%s/%s: %s\n", kernel->name, file, what);
	return good;
}

/* Returns 1, 0 where it is not prepared with our files as they are now, or -1. */
static int check_initramfs(const struct kernel *kernel, const struct addition *addition,
			   struct bytes *now, struct error *err)
{
	cleanup_stock struct stock stock = { 0 };
	int found = kernel_read(kernel, KERNEL_INITRAMFS, now, NULL, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return tell(kernel, KERNEL_INITRAMFS, false, "there is none");
	if (stock_read(now->data, now->length, &stock_limits, &stock, err) < 0)
		return kernel_blame(kernel, err, KERNEL_INITRAMFS);
	if (!stock.prepared)
		return tell(kernel, KERNEL_INITRAMFS, false, "not prepared");
	if (!addition_is_in(addition, &stock))
		return tell(kernel, KERNEL_INITRAMFS, false, "prepared with other files of ours");
	return tell(kernel, KERNEL_INITRAMFS, true, "prepared");
}

static int check_image(const struct kernel *kernel, const struct bytes *initramfs,
		       struct error *err)
{
	enum plan_image image;

	if (plan_look_at_image(kernel, initramfs, &image, err) < 0)
		return -1;
	switch (image) {
	case PLAN_IMAGE_NONE:
		return tell(kernel, KERNEL_IMAGE, true, "there is none");
	case PLAN_IMAGE_WITHOUT:
		return tell(kernel, KERNEL_IMAGE, true, "has no initramfs");
	case PLAN_IMAGE_DONE:
		return tell(kernel, KERNEL_IMAGE, true, "has the same initramfs");
	default:
		return tell(kernel, KERNEL_IMAGE, false, "has another initramfs");
	}
}

static int check_marker(const struct kernel *kernel, const struct bytes *initramfs,
			struct error *err)
{
	int right = marker_is_right(kernel, initramfs, err);

	if (right < 0)
		return -1;
	return tell(kernel, KERNEL_MARKER, right,
		    right ? "speaks of this initramfs" : "missing, or of another initramfs");
}

enum outcome verb_check(const struct request *request, struct error *err)
{
	cleanup_addition struct addition addition = { 0 };
	cleanup_kernel struct kernel kernel = { .root = -1, .dir = -1 };
	cleanup_bytes struct bytes now = { .limit = KERNEL_FILE_MAX };
	int initramfs, image, marker;

	if (kernel_check_name(request->kernel, err) < 0)
		return OUTCOME_USAGE;
	if (addition_read(request->share, &addition, err) < 0 ||
	    kernel_open(request->root, request->kernel, &kernel, err) < 0)
		return OUTCOME_FAILED;
	initramfs = check_initramfs(&kernel, &addition, &now, err);
	if (initramfs < 0)
		return OUTCOME_FAILED;
	image = check_image(&kernel, &now, err);
	if (image < 0)
		return OUTCOME_FAILED;
	marker = check_marker(&kernel, &now, err);
	if (marker < 0)
		return OUTCOME_FAILED;
	return initramfs && image && marker ? OUTCOME_DONE : OUTCOME_NOT_PREPARED;
}
