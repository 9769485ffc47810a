/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resources that a scope gives back by itself.
 *
 * A variable marked cleanup_X is released when its scope ends, whatever the way out; steal_fd() takes
 * a descriptor out of that care.
 */
#ifndef XE_CLEANUP_H
#define XE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes *fd unless it is negative; keeps errno, so that it may stand on an error's way out. */
static inline void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/* Frees *p, for any pointer type. */
static inline void free_pointer(void *p)
{
	free(*(void **)p);
}

/* Returns *fd and leaves -1 in its place: the caller owns it from here on. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define cleanup_fd   __attribute__((cleanup(close_fd)))
#define cleanup_free __attribute__((cleanup(free_pointer)))

#endif
