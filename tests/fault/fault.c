/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linked before the backend's calls with -Wl,--wrap=NAME: each call of a library or of the kernel that
 * can fail is counted. FAULT=N makes call N fail, once, with a plausible errno. FAULT_LIST=FILE gets
 * each call's name, a line for each, and nothing fails.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

int __real_open(const char *path, int flags, ...);

static void list(const char *file, const char *name)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%s\n", name);
	int fd = __real_open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, line, (size_t)length) != length)
		abort();
	close(fd);
}

/* Counts the call. Tells whether it is the one that is to fail, with errno set. */
static bool fails(const char *name, int number)
{
	static long count;
	const char *wanted = getenv("FAULT"), *file = getenv("FAULT_LIST");

	count++;
	if (file != NULL)
		list(file, name);
	if (wanted == NULL || strtol(wanted, NULL, 10) != count)
		return false;
	errno = number;
	return true;
}

/* clang-format off: calls.sh reads the names from these lines. */

/* type name(parameters): what it returns when it fails, and errno. */
#define FAULT(type, name, parameters, arguments, failure, number)                  \
	type __real_##name parameters;                                             \
	type __wrap_##name parameters;                                             \
	type __wrap_##name parameters                                              \
	{                                                                          \
		return fails(#name, number) ? (failure) : __real_##name arguments; \
	}

FAULT(struct xs_handle *, xs_open, (unsigned long flags), (flags), NULL, ECONNREFUSED)
FAULT(void *, xs_read,
      (struct xs_handle * h, xs_transaction_t t, const char *path, unsigned int *length),
      (h, t, path, length), NULL, EIO)
FAULT(bool, xs_write,
      (struct xs_handle * h, xs_transaction_t t, const char *path, const void *data,
       unsigned int length),
      (h, t, path, data, length), false, EIO)
FAULT(bool, xs_rm, (struct xs_handle * h, xs_transaction_t t, const char *path), (h, t, path),
      false, EIO)
FAULT(xs_transaction_t, xs_transaction_start, (struct xs_handle * h), (h), XBT_NULL, EIO)
FAULT(bool, xs_transaction_end, (struct xs_handle * h, xs_transaction_t t, bool abort),
      (h, t, abort), false, EIO)
FAULT(void *, mmap, (void *start, size_t size, int protection, int flags, int fd, off_t offset),
      (start, size, protection, flags, fd, offset), MAP_FAILED, ENOMEM)
FAULT(int, mlock, (const void *start, size_t size), (start, size), -1, ENOMEM)
FAULT(int, madvise, (void *start, size_t size, int advice), (start, size, advice), -1, EINVAL)
FAULT(ssize_t, getrandom, (void *bytes, size_t size, unsigned int flags), (bytes, size, flags), -1,
      EINTR)
FAULT(int, setrlimit, (__rlimit_resource_t what, const struct rlimit *limit), (what, limit), -1,
      EPERM)
FAULT(int, sigaction, (int number, const struct sigaction *action, struct sigaction *old),
      (number, action, old), -1, EINVAL)
FAULT(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old), -1, EINVAL)
FAULT(int, close_range, (unsigned int first, unsigned int last, int flags), (first, last, flags),
      -1, ENOSYS)
FAULT(int, flock, (int fd, int operation), (fd, operation), -1, ENOLCK)
FAULT(int, ftruncate, (int fd, off_t length), (fd, length), -1, EFBIG)
FAULT(int, fstat, (int fd, struct stat *found), (fd, found), -1, EIO)
FAULT(DIR *, opendir, (const char *path), (path), NULL, EMFILE)
FAULT(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EMFILE)
FAULT(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), -1, EIO)
FAULT(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at),
      -1, ENOSPC)
FAULT(int, timer_create, (clockid_t clock, struct sigevent *event, timer_t *timer),
      (clock, event, timer), -1, EAGAIN)
FAULT(int, timer_settime,
      (timer_t timer, int flags, const struct itimerspec *when, struct itimerspec *old),
      (timer, flags, when, old), -1, EINVAL)

/* Those with a variable number of arguments, of which none is wider than a long. */
#define FAULT_ANY(type, name, first_type, second_type, failure, number)                  \
	type __real_##name(first_type first, second_type second, ...);                   \
	type __wrap_##name(first_type first, second_type second, ...);                   \
	type __wrap_##name(first_type first, second_type second, ...)                    \
	{                                                                                \
		long more[4];                                                            \
		va_list arguments;                                                       \
                                                                                         \
		va_start(arguments, second);                                             \
		for (int i = 0; i < 4; i++)                                              \
			more[i] = va_arg(arguments, long);                               \
		va_end(arguments);                                                       \
		if (fails(#name, number))                                                \
			return failure;                                                  \
		return __real_##name(first, second, more[0], more[1], more[2], more[3]); \
	}

FAULT_ANY(int, ioctl, int, unsigned long, -1, EIO)
FAULT_ANY(int, fcntl, int, int, -1, EAGAIN)
FAULT_ANY(int, open, const char *, int, -1, EMFILE)
FAULT_ANY(int, __open_2, const char *, int, -1, EMFILE)
FAULT_ANY(int, prctl, int, unsigned long, -1, EINVAL)
FAULT_ANY(long, syscall, long, const char *, -1, EDQUOT) /* getrandom, add_key and keyctl */

/* clang-format on */
