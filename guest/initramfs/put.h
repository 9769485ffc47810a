/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prepared files, put into a kernel's folder. */
#ifndef XE_PUT_H
#define XE_PUT_H

#include "plan.h"

/* Makes the prepared image of *from in *to, as KERNEL_NEW_IMAGE. Returns 0 or -1. */
int put_new_image(const struct kernel *from, const struct kernel *to, enum plan_image image,
		  const struct bytes *prepared, struct error *err);

#endif
