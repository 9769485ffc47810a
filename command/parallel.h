/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work that waits for the kernel more than it computes, many at a time. */
#ifndef XE_PARALLEL_H
#define XE_PARALLEL_H

/*
 * Calls work(0, context) to work(count - 1, context), begun in this order, and returns when all have returned. The
 * caller's thread works too, so that all is done where no other can be started.
 */
void parallel_each(unsigned int count, void (*work)(unsigned int index, void *context),
		   void *context);

#endif
