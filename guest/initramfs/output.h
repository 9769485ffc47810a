/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A prepared copy of a kernel's folder. */
#ifndef XE_OUTPUT_H
#define XE_OUTPUT_H

#include "plan.h"

/* Makes the folder name beside the kernel's, complete or not at all. One that is there already is
 * replaced if it carries our marker, else it is refused. Returns 0 or -1. */
int output_make(const struct kernel *kernel, const char *name, const struct plan *plan,
		struct error *err);

#endif
