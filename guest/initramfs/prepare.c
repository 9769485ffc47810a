/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare: in place. Each step leaves a folder that boots, the old way or the new: a kept original is
 * a second name of the file before that is replaced, and no kept original is replaced before there is
 * a newer one. The marker is gone before the first step and back after the last.
 */
#include <stdio.h>

#include "output.h"
#include "put.h"
#include "marker.h"
#include "verb.h"

static int put_initramfs(const struct kernel *kernel, const struct plan *plan, struct error *err)
{
	if (bytes_equal(&plan->now, &plan->prepared)) {
		printf("%s/%s: is prepared\n", kernel->name, KERNEL_INITRAMFS);
		return 0;
	}
	if (kernel_remove(kernel, KERNEL_MARKER, err) < 0 ||
	    kernel_write(kernel, KERNEL_NEW, &plan->prepared, &plan->status, err) < 0)
		return -1;
	if (!plan->was_prepared &&
	    kernel_keep(kernel, KERNEL_INITRAMFS, KERNEL_INITRAMFS_STOCK, err) < 0)
		return -1;
	if (kernel_put(kernel, KERNEL_NEW, KERNEL_INITRAMFS, err) < 0)
		return -1;
	printf("%s/%s: prepared\n", kernel->name, KERNEL_INITRAMFS);
	return 0;
}

/* Tells what is not done. Returns whether there is something to do. */
static bool wants_work(const struct kernel *kernel, enum plan_image image)
{
	static const char *const said[] = {
		[PLAN_IMAGE_NONE] = "there is none, so HVM guests cannot boot this kernel",
		[PLAN_IMAGE_WITHOUT] = "has no initramfs, left as it is",
		[PLAN_IMAGE_DONE] = "is prepared",
	};

	if (image == PLAN_IMAGE_STOCK || image == PLAN_IMAGE_OLD)
		return true;
	printf("%s/%s: %s\n", kernel->name, KERNEL_IMAGE, said[image]);
	return false;
}

static int put_image(const struct kernel *kernel, const struct plan *plan, struct error *err)
{
	enum plan_image image;

	if (plan_look_at_image(kernel, &plan->prepared, &image, err) < 0)
		return -1;
	if (!wants_work(kernel, image))
		return 0;
	if (kernel_remove(kernel, KERNEL_MARKER, err) < 0 ||
	    put_new_image(kernel, kernel, image, &plan->prepared, err) < 0)
		return -1;
	if (image == PLAN_IMAGE_STOCK &&
	    kernel_keep(kernel, KERNEL_IMAGE, KERNEL_IMAGE_STOCK, err) < 0)
		return -1;
	if (kernel_put(kernel, KERNEL_NEW_IMAGE, KERNEL_IMAGE, err) < 0)
		return -1;
	printf("%s/%s: prepared\n", kernel->name, KERNEL_IMAGE);
	return 0;
}

static int put_marker(const struct kernel *kernel, const struct plan *plan, struct error *err)
{
	int right = marker_is_right(kernel, &plan->prepared, err);

	if (right < 0)
		return -1;
	return right ? 0 : marker_write(kernel, &plan->prepared, NULL, err);
}

static int prepare_here(const struct kernel *kernel, const struct plan *plan, struct error *err)
{
	if (put_initramfs(kernel, plan, err) < 0 || put_image(kernel, plan, err) < 0)
		return -1;
	return put_marker(kernel, plan, err);
}

/* Prepares the open kernel, in place where output is NULL. Returns 0 or -1. */
static int prepare(const struct kernel *kernel, const char *output, const struct addition *addition,
		   struct error *err)
{
	cleanup_plan struct plan plan = { 0 };
	struct error ignored;
	int result;

	if (kernel_sweep(kernel, err) < 0 || plan_make(kernel, addition, &plan, err) < 0)
		return -1;
	result = output != NULL ? output_make(kernel, output, &plan, err)
				: prepare_here(kernel, &plan, err);
	/* A new file that did not come to its place takes room for nothing. */
	if (result < 0)
		kernel_sweep(kernel, &ignored);
	return result;
}

/* Opens in place of a kernel that --output has made the one that it was made from. Returns 1, 0 where it
 * was not made so, or -1. */
static int open_origin(const struct request *request, struct kernel *kernel, struct error *err)
{
	char origin[KERNEL_NAME_ROOM];
	int found = marker_made_from(kernel, origin, err);

	if (found <= 0)
		return found;
	kernel_close(kernel);
	if (kernel_open(request->root, origin, kernel, err) == 0)
		return 1;
	error_add_detail(err, "the kernel was made from it by --output");
	return -1;
}

enum outcome verb_prepare(const struct request *request, struct error *err)
{
	cleanup_addition struct addition addition = { 0 };
	cleanup_kernel struct kernel kernel = { .root = -1, .dir = -1 };
	const char *output = request->output;
	int made;

	if (kernel_check_name(request->kernel, err) < 0 ||
	    (output != NULL && kernel_check_name(output, err) < 0))
		return OUTCOME_USAGE;
	if (addition_read(request->share, &addition, err) < 0 ||
	    kernel_open(request->root, request->kernel, &kernel, err) < 0)
		return OUTCOME_FAILED;
	made = open_origin(request, &kernel, err);
	if (made < 0)
		return OUTCOME_FAILED;
	if (made > 0 && output == NULL)
		output = request->kernel;
	return prepare(&kernel, output, &addition, err) < 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}
