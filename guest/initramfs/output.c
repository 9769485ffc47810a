/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "marker.h"
#include "output.h"
#include "put.h"

/* A descriptor of its own: reading goes through the folder once. */
static DIR *open_names(const struct kernel *kernel)
{
	int fd = openat(kernel->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL)
		close_fd(&fd);
	return dir;
}

/* Calls act for each file of the folder until one returns -1. */
static int each_file(const struct kernel *kernel,
		     int (*act)(const struct kernel *kernel, const char *file,
				const struct kernel *to, struct error *err),
		     const struct kernel *to, struct error *err)
{
	DIR *dir = open_names(kernel);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL)
		return error_set(err, errno, kernel->name, NULL,
				 "cannot read the folder of kernel");
	while (result == 0 && (errno = 0, entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = act(kernel, entry->d_name, to, err);
	if (result == 0 && errno != 0)
		result = error_set(err, errno, kernel->name, NULL,
				   "cannot read the folder of kernel");
	closedir(dir);
	return result;
}

static int remove_file(const struct kernel *kernel, const char *file, const struct kernel *to,
		       struct error *err)
{
	(void)to;
	return kernel_remove(kernel, file, err) < 0 ? -1 : 0;
}

/* A folder of ours has files only. */
static int remove_folder(struct kernel *folder, struct error *err)
{
	if (each_file(folder, remove_file, NULL, err) < 0)
		return -1;
	if (unlinkat(folder->root, folder->name, AT_REMOVEDIR) < 0)
		return error_set(err, errno, folder->name, NULL, "cannot remove folder");
	return 0;
}

static int open_folder(int root, const char *name, struct kernel *folder)
{
	folder->root = root;
	snprintf(folder->name, sizeof(folder->name), "%s", name);
	folder->dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return folder->dir;
}

/* The folder under its name while it is not complete; one that a killed run has left goes first. */
static int make_folder(const struct kernel *kernel, const char *name, struct kernel *made,
		       struct error *err)
{
	char hidden[sizeof(made->name)];
	int old;

	snprintf(hidden, sizeof(hidden), ".xen-ephemeral.%s", name);
	old = open_folder(kernel->root, hidden, made);
	if (old >= 0 && remove_folder(made, err) < 0)
		return -1;
	close_fd(&made->dir);
	if (mkdirat(kernel->root, hidden, 0755) < 0 || open_folder(kernel->root, hidden, made) < 0)
		return error_set(err, errno, hidden, NULL, "cannot make folder");
	return 0;
}

/* What is made anew, and what belongs to the other folder alone. */
static bool is_ours(const char *file)
{
	static const char *const names[] = { KERNEL_INITRAMFS, KERNEL_INITRAMFS_STOCK, KERNEL_IMAGE,
					     KERNEL_IMAGE_STOCK, KERNEL_MARKER };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(file, names[i]) == 0)
			return true;
	return false;
}

static int copy_file(const struct kernel *kernel, const char *file, const struct kernel *to,
		     struct error *err)
{
	struct stat status;

	if (is_ours(file))
		return 0;
	if (fstatat(kernel->dir, file, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return kernel_error(kernel, err, errno, file, NULL, "cannot copy");
	if (S_ISREG(status.st_mode))
		return kernel_copy(kernel, file, to, file, err);
	printf("%s/%s: no regular file, left out\n", kernel->name, file);
	return 0;
}

static int fill_image(const struct kernel *kernel, const struct kernel *made,
		      const struct plan *plan, struct error *err)
{
	enum plan_image image;

	if (plan_look_at_image(kernel, &plan->prepared, &image, err) < 0)
		return -1;
	if (image == PLAN_IMAGE_NONE)
		return 0;
	if (image == PLAN_IMAGE_STOCK || image == PLAN_IMAGE_OLD) {
		if (put_new_image(kernel, made, image, &plan->prepared, err) < 0)
			return -1;
	} else if (kernel_copy(kernel, KERNEL_IMAGE, made, KERNEL_NEW_IMAGE, err) < 0) {
		return -1;
	}
	return kernel_put(made, KERNEL_NEW_IMAGE, KERNEL_IMAGE, err);
}

static int fill_folder(const struct kernel *kernel, const struct kernel *made,
		       const struct plan *plan, struct error *err)
{
	if (each_file(kernel, copy_file, made, err) < 0 ||
	    kernel_write(made, KERNEL_INITRAMFS, &plan->prepared, &plan->status, err) < 0 ||
	    fill_image(kernel, made, plan, err) < 0)
		return -1;
	return marker_write(made, &plan->prepared, kernel->name, err);
}

/* Returns 1 where a folder of that name is there and ours, 0 where there is none, or -1. */
static int look_at_old(const struct kernel *kernel, const char *name, struct error *err)
{
	struct kernel old;
	struct stat status;
	int there = -1;

	if (open_folder(kernel->root, name, &old) < 0) {
		if (errno == ENOENT)
			return 0;
		return error_set(err, errno, name, NULL, "cannot make kernel");
	}
	if (fstatat(old.dir, KERNEL_MARKER, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(old.dir, KERNEL_INITRAMFS_STOCK, &status, AT_SYMLINK_NOFOLLOW) < 0)
		there = 1;
	else
		error_set(err, EEXIST, name, "and it was not made by --output",
			  "cannot make kernel");
	close_fd(&old.dir);
	return there;
}

/* After an exchange the hidden name is the old folder's. */
static int publish(struct kernel *made, const char *name, int old, struct error *err)
{
	struct error ignored;

	if (renameat2(made->root, made->name, made->root, name,
		      old ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0) {
		error_set(err, errno, name, NULL, "cannot make kernel");
		remove_folder(made, &ignored);
		return -1;
	}
	if (fsync(made->root) < 0)
		return error_set(err, errno, name, NULL, "cannot write the folder above kernel");
	if (!old)
		return 0;
	close_fd(&made->dir);
	made->dir = openat(made->root, made->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return remove_folder(made, err);
}

static int make_and_publish(const struct kernel *kernel, const char *name, int old,
			    const struct plan *plan, struct error *err)
{
	struct kernel made = { .dir = -1 };
	struct error ignored;
	int result = make_folder(kernel, name, &made, err);

	if (result == 0) {
		result = fill_folder(kernel, &made, plan, err);
		if (result == 0)
			result = publish(&made, name, old, err);
		else
			remove_folder(&made, &ignored);
	}
	close_fd(&made.dir);
	return result;
}

int output_make(const struct kernel *kernel, const char *name, const struct plan *plan,
		struct error *err)
{
	int old;

	if (strcmp(name, kernel->name) == 0)
		return error_set(err, 0, name, "it is the kernel itself", "cannot make kernel");
	/* Two runs for one name would build in one hidden folder. */
	if (kernel_lock_folder(kernel->root, "of the kernels", err) < 0)
		return -1;
	old = look_at_old(kernel, name, err);
	if (old < 0 || make_and_publish(kernel, name, old, plan, err) < 0)
		return -1;
	printf("%s: prepared as %s\n", kernel->name, name);
	return 0;
}
