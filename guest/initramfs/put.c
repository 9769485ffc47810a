/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image.h"
#include "put.h"

/* Another's original has other modules in it, as where the image was built anew since. */
int put_new_image(const struct kernel *from, const struct kernel *to, enum plan_image image,
		  const struct bytes *prepared, struct error *err)
{
	bool kept =
		image == PLAN_IMAGE_OLD && image_is_same(from, KERNEL_IMAGE, KERNEL_IMAGE_STOCK);

	if (kernel_copy(from, kept ? KERNEL_IMAGE_STOCK : KERNEL_IMAGE, to, KERNEL_NEW_IMAGE, err) <
	    0)
		return -1;
	return image_write(to, KERNEL_NEW_IMAGE, prepared, err);
}
