/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop devices of ours on which nothing stands and that no domain has.
 *
 * The kernel takes each away with its last user (AUTOCLEAR), so there is one only while something
 * holds it: an attach in its first steps, or a program of dom0 that opened it.
 */
#ifndef XE_ORPHAN_LOOP_H
#define XE_ORPHAN_LOOP_H

#include <stdbool.h>

#include "error.h"

/* Calls visit with the name ("loop3") of each. Returns 0 or -1. */
int orphan_loop_each(void (*visit)(const char *name, void *context), void *context,
		     struct error *err);

/* Asks the kernel to take it away. Returns whether it is gone. */
bool orphan_loop_remove(const char *name);

#endif
