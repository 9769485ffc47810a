/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of a kernel's files: what each step leaves is the old or the new, also after a crash. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"

static int sync_names(const struct kernel *kernel, struct error *err)
{
	if (fsync(kernel->dir) == 0)
		return 0;
	return error_set(err, errno, kernel->name, NULL, "cannot write the folder of kernel");
}

/* Sets or clears the flag that keeps a file from being renamed. Returns whether it was set before; a
 * filesystem without flags has none set. */
static bool set_immutable(const struct kernel *kernel, const char *file, bool immutable)
{
	struct error ignored;
	cleanup_fd int fd = kernel_open_file(kernel, file, &ignored);
	int flags, wanted;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return false;
	wanted = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
	if (wanted != flags)
		ioctl(fd, FS_IOC_SETFLAGS, &wanted);
	return flags & FS_IMMUTABLE_FL;
}

static bool same_file(const struct kernel *kernel, const char *a, const char *b)
{
	struct stat first, second;

	return fstatat(kernel->dir, a, &first, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(kernel->dir, b, &second, AT_SYMLINK_NOFOLLOW) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static int link_as(const struct kernel *kernel, const char *file, const char *kept,
		   struct error *err)
{
	set_immutable(kernel, kept, false);
	if (linkat(kernel->dir, file, kernel->dir, KERNEL_NEW_KEPT, 0) < 0 ||
	    renameat(kernel->dir, KERNEL_NEW_KEPT, kernel->dir, kept) < 0)
		return kernel_error(kernel, err, errno, file, NULL, "cannot keep the original of");
	return sync_names(kernel, err);
}

/* Two names of one file are left as they are: a rename between them does nothing. */
int kernel_keep(const struct kernel *kernel, const char *file, const char *kept, struct error *err)
{
	bool immutable;
	int result;

	if (same_file(kernel, file, kept))
		return 0;
	immutable = set_immutable(kernel, file, false);
	result = link_as(kernel, file, kept, err);
	if (immutable)
		set_immutable(kernel, file, true);
	return result;
}

int kernel_put(const struct kernel *kernel, const char *made, const char *name, struct error *err)
{
	bool immutable = set_immutable(kernel, name, false);
	int result = 0;

	set_immutable(kernel, made, false);
	if (renameat(kernel->dir, made, kernel->dir, name) < 0)
		result = kernel_error(kernel, err, errno, name, NULL, "cannot replace");
	if (immutable)
		set_immutable(kernel, name, true);
	return result < 0 ? -1 : sync_names(kernel, err);
}

int kernel_remove(const struct kernel *kernel, const char *file, struct error *err)
{
	set_immutable(kernel, file, false);
	if (unlinkat(kernel->dir, file, 0) == 0)
		return sync_names(kernel, err) < 0 ? -1 : 1;
	return errno == ENOENT ? 0 : kernel_error(kernel, err, errno, file, NULL, "cannot remove");
}

int kernel_sweep(const struct kernel *kernel, struct error *err)
{
	static const char *const names[] = { KERNEL_NEW, KERNEL_NEW_IMAGE, KERNEL_NEW_KEPT };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (unlinkat(kernel->dir, names[i], 0) < 0 && errno != ENOENT)
			return kernel_error(kernel, err, errno, names[i], NULL, "cannot remove");
	return 0;
}
