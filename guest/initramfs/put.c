/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "image.h"
#include "put.h"

int put_new_image(const struct kernel *from, const struct kernel *to, enum plan_image image,
		  const struct bytes *prepared, struct error *err)
{
	const char *source = image == PLAN_IMAGE_OLD ? KERNEL_IMAGE_STOCK : KERNEL_IMAGE;

	if (kernel_copy(from, source, to, KERNEL_NEW_IMAGE, err) < 0)
		return image == PLAN_IMAGE_OLD && err->number == ENOENT
			       ? kernel_error(
					 from, err, 0, KERNEL_IMAGE,
					 "it is prepared already, and its original is not there",
					 "cannot prepare")
			       : -1;
	return image_write(to, KERNEL_NEW_IMAGE, prepared, err);
}
