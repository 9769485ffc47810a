/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel's initramfs is now, and what it is to become. */
#ifndef XE_PLAN_H
#define XE_PLAN_H

#include "addition.h"
#include "kernel.h"
#include "stock.h"

struct plan {
	struct bytes now;      /* the file as it is */
	struct bytes prepared; /* as it is to be */
	struct stat status;    /* of the file */
	bool was_prepared;     /* now is a prepared one, of the kept original */
};

/* Reads initramfs, and initramfs.stock where that is prepared already. Returns 0 or -1; *plan is to be
 * freed either way. */
int plan_make(const struct kernel *kernel, const struct addition *addition, struct plan *plan,
	      struct error *err);

void plan_free(struct plan *plan);

#define cleanup_plan __attribute__((cleanup(plan_free)))

/* What becomes of modules.img. */
enum plan_image {
	PLAN_IMAGE_NONE,    /* there is none */
	PLAN_IMAGE_WITHOUT, /* it has no initramfs */
	PLAN_IMAGE_DONE,    /* it has the prepared one */
	PLAN_IMAGE_STOCK,   /* to be made from it */
	PLAN_IMAGE_OLD, /* it has another prepared one: to be made from its kept original, or where
			     * that is not there, or another image's, from itself */
};

/* Looks into modules.img. Returns 0 or -1. */
int plan_look_at_image(const struct kernel *kernel, const struct bytes *prepared,
		       enum plan_image *image, struct error *err);

#endif
