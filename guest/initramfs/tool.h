/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of e2fsprogs, run in a kernel's folder. */
#ifndef XE_TOOL_H
#define XE_TOOL_H

#include "kernel.h"

/* Runs arguments[0], found in PATH or an sbin, without input and output. It ends with this program.
 * Returns 0 where its exit status is 0, else -1. */
int tool_run(const struct kernel *kernel, const char *const arguments[], struct error *err);

#endif
