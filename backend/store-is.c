/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "store.h"
#include "sysfs.h"
#include "table.h"

/* The file behind a loop device, by its path: an anonymous one has none that can be found. */
static bool is_file_of_loop(const struct stat *file, dev_t loop)
{
	char path[SYSFS_VALUE_MAX];
	struct stat found;

	return sysfs_read_device(loop, "loop/backing_file", path) == 0 && stat(path, &found) == 0 &&
	       found.st_dev == file->st_dev && found.st_ino == file->st_ino;
}

/* The kernel shows an unnamed file as DIR/#INODE (deleted). */
static bool is_unnamed_in(const char *dir, dev_t loop)
{
	char path[SYSFS_VALUE_MAX];
	struct stat wanted, found;
	char *slash;

	if (sysfs_read_device(loop, "loop/backing_file", path) < 0)
		return false;
	slash = strrchr(path, '/');
	if (slash == NULL || strncmp(slash, "/#", 2) != 0)
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return stat(dir, &wanted) == 0 && stat(path, &found) == 0 &&
	       wanted.st_dev == found.st_dev && wanted.st_ino == found.st_ino;
}

bool store_is(const struct role *role, dev_t store, uint64_t sectors)
{
	struct stat wanted;

	if (role->dir != NULL)
		return table_sectors(role->size, role->sector) == sectors &&
		       is_unnamed_in(role->dir, store);
	if (stat(role->dev, &wanted) < 0)
		return false;
	return S_ISBLK(wanted.st_mode) ? wanted.st_rdev == store : is_file_of_loop(&wanted, store);
}
