/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "whole.h"

#define LOCK_TRIES 600

int kernel_check_name(const char *name, struct error *err)
{
	if (name[0] == '\0' || name[0] == '.')
		return error_set(err, 0, name,
				 "a kernel's name is not empty and begins with no dot",
				 "cannot use");
	if (strchr(name, '/') != NULL)
		return error_set(err, 0, name, "a name, not a path: see --root", "cannot use");
	if (strlen(name) > KERNEL_NAME_MAX)
		return error_set(err, 0, name, "more than 200 bytes", "cannot use");
	return 0;
}

int kernel_lock_folder(int folder, const char *name, struct error *err)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(folder, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_set(err, errno, name, NULL, "cannot lock folder");
		usleep(100000);
	}
	return error_set(err, 0, name, "another run has had it for a minute", "cannot lock folder");
}

int kernel_open(const char *root, const char *name, struct kernel *kernel, struct error *err)
{
	kernel->root = kernel->dir = -1;
	if (kernel_check_name(name, err) < 0)
		return -1;
	snprintf(kernel->name, sizeof(kernel->name), "%s", name);
	kernel->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (kernel->root < 0)
		return error_set(err, errno, root, NULL, "cannot open the folder of the kernels");
	kernel->dir = openat(kernel->root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (kernel->dir < 0)
		return error_set(err, errno, name, NULL, "cannot open kernel");
	return kernel_lock_folder(kernel->dir, name, err);
}

void kernel_close(struct kernel *kernel)
{
	close_fd(&kernel->dir);
	close_fd(&kernel->root);
}

int kernel_error(const struct kernel *kernel, struct error *err, int number, const char *file,
		 const char *reason, const char *action)
{
	char thing[512];

	snprintf(thing, sizeof(thing), "%s/%s", kernel->name, file);
	return error_set(err, number, thing, reason, "%s", action);
}

int kernel_blame(const struct kernel *kernel, struct error *err, const char *file)
{
	snprintf(err->thing, sizeof(err->thing), "%s/%s", kernel->name, file);
	return -1;
}

/* O_NONBLOCK: a FIFO of that name must not keep the program waiting. */
int kernel_open_file(const struct kernel *kernel, const char *file, struct error *err)
{
	struct stat status;
	int fd = openat(kernel->dir, file,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return kernel_error(kernel, err, errno, file,
				    errno == ELOOP ? "a symbolic link" : NULL, "cannot open");
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		close_fd(&fd);
		errno = EINVAL;
		return kernel_error(kernel, err, 0, file, "not a regular file", "cannot open");
	}
	return fd;
}

int kernel_read(const struct kernel *kernel, const char *file, struct bytes *bytes,
		struct stat *status, struct error *err)
{
	cleanup_fd int fd = kernel_open_file(kernel, file, err);

	if (fd < 0)
		return err->number == ENOENT ? 0 : -1;
	if (whole_read(fd, bytes, err) < 0 || (status != NULL && fstat(fd, status) < 0))
		return kernel_blame(kernel, err, file);
	return 1;
}

static int create(const struct kernel *kernel, const char *file, const struct stat *like,
		  struct error *err)
{
	int fd =
		openat(kernel->dir, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return kernel_error(kernel, err, errno, file, NULL, "cannot create");
	if (fchown(fd, like->st_uid, like->st_gid) < 0 || fchmod(fd, like->st_mode & 0777) < 0) {
		kernel_error(kernel, err, errno, file, NULL, "cannot set owner and mode of");
		close_fd(&fd);
	}
	return fd;
}

int kernel_write(const struct kernel *kernel, const char *file, const struct bytes *bytes,
		 const struct stat *like, struct error *err)
{
	cleanup_fd int fd = create(kernel, file, like, err);

	if (fd < 0)
		return -1;
	return whole_write(fd, bytes, err) < 0 ? kernel_blame(kernel, err, file) : 0;
}

int kernel_copy(const struct kernel *kernel, const char *file, const struct kernel *to,
		const char *copy, struct error *err)
{
	cleanup_fd int from = kernel_open_file(kernel, file, err);
	cleanup_fd int made = -1;
	struct stat status;

	if (from < 0)
		return -1;
	if (fstat(from, &status) < 0)
		return kernel_error(kernel, err, errno, file, NULL, "cannot read");
	made = create(to, copy, &status, err);
	if (made < 0)
		return -1;
	return whole_copy(from, made, err) < 0 ? kernel_blame(kernel, err, file) : 0;
}
