/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's folder, and the files in it.
 *
 * Everything is done relative to the open folder, and no symbolic link in it is followed. A file is
 * replaced by a rename, so that at any moment it is the old or the new one; what a run that was killed
 * leaves beside it has a name that begins with a dot, and the next run removes it.
 */
#ifndef XE_KERNEL_H
#define XE_KERNEL_H

#include <sys/stat.h>

#include "bytes.h"

#define KERNEL_INITRAMFS       "initramfs"
#define KERNEL_INITRAMFS_STOCK "initramfs.stock"
#define KERNEL_IMAGE	       "modules.img"
#define KERNEL_IMAGE_STOCK     "modules.img.stock"
#define KERNEL_MARKER	       "xen-ephemeral-supported"

/* The names of what is not finished. */
#define KERNEL_NEW	 ".xen-ephemeral.new"
#define KERNEL_NEW_IMAGE ".xen-ephemeral.image"
#define KERNEL_NEW_KEPT	 ".xen-ephemeral.kept"

/* Leaves room for what is put before and behind it. */
#define KERNEL_NAME_MAX	 200
#define KERNEL_NAME_ROOM (KERNEL_NAME_MAX + 24)

/* The largest initramfs that is taken. */
#define KERNEL_FILE_MAX (1u << 30)

struct kernel {
	int root;
	int dir;
	char name[KERNEL_NAME_ROOM];
};

/* Refuses what is no name of one folder. Returns 0 or -1. */
int kernel_check_name(const char *name, struct error *err);

/* Opens the folder name below root, and waits up to a minute until no other run has it. Returns 0 or
 * -1; *kernel is to be closed either way. */
int kernel_open(const char *root, const char *name, struct kernel *kernel, struct error *err);

void kernel_close(struct kernel *kernel);

/* Waits up to a minute until no other run has the open folder, which name is for the error. Returns 0 or
 * -1. */
int kernel_lock_folder(int folder, const char *name, struct error *err);

/* Fills *err for a file of the folder, "action KERNEL/FILE: reason", and returns -1. */
int kernel_error(const struct kernel *kernel, struct error *err, int number, const char *file,
		 const char *reason, const char *action);

/* Names a file of the folder as the thing of an error that another module has filled. Returns -1. */
int kernel_blame(const struct kernel *kernel, struct error *err, const char *file);

/* Opens a regular file for reading. Returns its descriptor, or -1: *err, or errno ENOENT and *err. */
int kernel_open_file(const struct kernel *kernel, const char *file, struct error *err);

/* Reads a file; status may be NULL. Returns 1, 0 where there is none, or -1. */
int kernel_read(const struct kernel *kernel, const char *file, struct bytes *bytes,
		struct stat *status, struct error *err);

/* Writes a new file of the owner and mode of like, and to the disk. Returns 0 or -1. */
int kernel_write(const struct kernel *kernel, const char *file, const struct bytes *bytes,
		 const struct stat *like, struct error *err);

/* Copies a file, owner and mode too, to a new one of that name in *to. Returns 0 or -1. */
int kernel_copy(const struct kernel *kernel, const char *file, const struct kernel *to,
		const char *copy, struct error *err);

/* Gives the file also the name kept, in place of what has it. Returns 0 or -1. */
int kernel_keep(const struct kernel *kernel, const char *file, const char *kept, struct error *err);

/* Renames the file made to name, in place of what has it; what was immutable is so again. Returns 0
 * or -1. */
int kernel_put(const struct kernel *kernel, const char *made, const char *name, struct error *err);

/* Removes a file that may be missing. Returns 1, 0 where there was none, or -1. */
int kernel_remove(const struct kernel *kernel, const char *file, struct error *err);

/* Removes what a run that was killed has left. Returns 0 or -1. */
int kernel_sweep(const struct kernel *kernel, struct error *err);

#define cleanup_kernel __attribute__((cleanup(kernel_close)))

#endif
