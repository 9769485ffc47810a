/* SPDX-License-Identifier: GPL-2.0-or-later */
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

bool store_is(const struct role *role, dev_t store, uint64_t sectors)
{
	struct stat wanted;

	if (role->dir != NULL)
		return table_sectors(role->size, role->sector) == sectors;
	if (stat(role->dev, &wanted) < 0)
		return false;
	return S_ISBLK(wanted.st_mode) ? wanted.st_rdev == store : is_file_of_loop(&wanted, store);
}
