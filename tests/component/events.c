/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log itself, and every call that is worth an entry. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/keyctl.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xenstore.h>

#include "events.h"

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

void event_path(char *path, size_t size, const char *format, ...)
{
	int used = snprintf(path, size, "%s/", setting("SHIM"));
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path + used, size - (size_t)used, format, arguments);
	va_end(arguments);
}

static int injected(const char *line)
{
	static bool done;
	const char *rule = setting("SHIM_FAIL");
	const char *equals = strrchr(rule, '=');

	if (done || equals == NULL || strncmp(line, rule, (size_t)(equals - rule)) != 0)
		return 0;
	done = true;
	return atoi(equals + 1);
}

static void append(const char *line)
{
	char path[512];
	int fd;

	event_path(path, sizeof(path), "log");
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			  0600);
	if (fd < 0 || write(fd, line, strlen(line)) < 0 || write(fd, "\n", 1) < 0)
		abort();
	close(fd);
}

/* Whether the event, the count-th, is the one that the setting asks for. */
static bool is_asked_for(const char *name, const char *line, int count)
{
	static bool done;
	const char *wanted = setting(name);
	bool found = atoi(wanted) == count;

	if (wanted[0] == '\0' || done)
		return false;
	if (atoi(wanted) == 0)
		found = strncmp(line, wanted, strlen(wanted)) == 0;
	done = found;
	return found;
}

int event(const char *format, ...)
{
	static int count;
	char line[8192];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	count++;
	if (is_asked_for("SHIM_KILL", line, count))
		raise(SIGKILL);
	append(line);
	if (is_asked_for("SHIM_STOP", line, count))
		raise(SIGSTOP);
	return injected(line);
}

/* Looks up the function that NAME stands in front of. */
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

struct xs_handle *xs_open(unsigned long flags)
{
	event("xs_open");
	return NEXT(xs_open)(flags);
}

xs_transaction_t xs_transaction_start(struct xs_handle *handle)
{
	event("xs_transaction_start");
	return NEXT(xs_transaction_start)(handle);
}

bool xs_transaction_end(struct xs_handle *handle, xs_transaction_t transaction, bool aborted)
{
	event("xs_transaction_end %s", aborted ? "abort" : "commit");
	return NEXT(xs_transaction_end)(handle, transaction, aborted);
}

bool xs_write(struct xs_handle *handle, xs_transaction_t transaction, const char *path,
	      const void *data, unsigned int size)
{
	event("xs_write%s %s %.*s", transaction ? "" : " outside", path, (int)size,
	      (const char *)data);
	return NEXT(xs_write)(handle, transaction, path, data, size);
}

bool xs_rm(struct xs_handle *handle, xs_transaction_t transaction, const char *path)
{
	event("xs_rm%s %s", transaction ? "" : " outside", path);
	return NEXT(xs_rm)(handle, transaction, path);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	event("pwrite %zu at %ld", size, (long)offset);
	return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (_IOC_TYPE(request) == DM_IOCTL)
		return device_mapper_call(request, argument);
	if (request == LOOP_CONFIGURE) {
		const struct loop_config *config = argument;

		event("loop%s%s", config->info.lo_flags & LO_FLAGS_AUTOCLEAR ? " autoclear" : "",
		      config->info.lo_flags & LO_FLAGS_READ_ONLY ? " read-only" : "");
	}
	return (int)syscall(SYS_ioctl, fd, request, argument);
}

/* The bytes of a key are never looked at here. */
long syscall(long number, ...)
{
	static long (*next)(long, ...);
	va_list arguments;
	long a[6];

	if (next == NULL)
		next = NEXT(syscall);
	va_start(arguments, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_add_key)
		event("add_key %s %s", (const char *)a[0], (const char *)a[1]);
	else if (number == SYS_keyctl && (int)a[0] == KEYCTL_INVALIDATE)
		event("invalidate_key");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Under AddressSanitizer this would do nothing (its interceptors), and the key's memory is not locked. */
int mlock(const void *address, size_t length)
{
	return (int)syscall(SYS_mlock, address, length);
}
