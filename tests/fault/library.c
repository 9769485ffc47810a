/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LD_PRELOAD, for calls that a library makes itself: FAULT_LIBRARY=mlock makes every mlock fail,
 * FAULT_LIBRARY=mmap every mapping as large as libgcrypt's pool. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define POOL_BYTES 16384

static bool asked(const char *name)
{
	const char *wanted = getenv("FAULT_LIBRARY");

	return wanted != NULL && strcmp(wanted, name) == 0;
}

int mlock(const void *start, size_t size)
{
	if (!asked("mlock"))
		return (int)syscall(SYS_mlock, start, size);
	errno = ENOMEM;
	return -1;
}

void *mmap(void *start, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (!asked("mmap") || size != POOL_BYTES || fd >= 0)
		return (void *)syscall(SYS_mmap, start, size, protection, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}
