/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "holder.h"
#include "mapping.h"
#include "sysfs.h"

#define MOUNTINFO "/proc/self/mountinfo"

static int refuse(const struct inode *inode, const char *reason, struct error *err)
{
	return error_set(err, EBUSY, inode->path, reason, "cannot use %s", inode->what);
}

static DIR *open_holders(dev_t device)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/holders", major(device), minor(device));
	return opendir(path);
}

int holder_is_only(dev_t device, dev_t holder)
{
	DIR *dir = open_holders(device);
	unsigned int ours = 0, others = 0;
	const char *entry;
	char name[32];
	int more;

	if (dir == NULL)
		return -1;
	snprintf(name, sizeof(name), "dm-%u", minor(holder));
	while ((more = sysfs_next(dir, &entry)) > 0) {
		if (strcmp(entry, name) == 0)
			ours++;
		else
			others++;
	}
	closedir(dir);
	return more < 0 ? -1 : ours == 1 && others == 0;
}

bool holder_is_any(dev_t device)
{
	DIR *dir = open_holders(device);
	const char *entry;
	bool any;

	if (dir == NULL)
		return true;
	any = sysfs_next(dir, &entry) != 0;
	closedir(dir);
	return any;
}

static bool begins_with(dev_t device, const char *attribute, const char *start)
{
	char value[SYSFS_VALUE_MAX];

	return sysfs_read_device(device, attribute, value) == 0 &&
	       strncmp(value, start, strlen(start)) == 0;
}

/* A snapshot of ours reads its origin only. What it does write to is an encrypted device of ours. */
static bool is_read_by_snapshot(dev_t device, const char *name)
{
	char attribute[SYSFS_VALUE_MAX + 32];

	snprintf(attribute, sizeof(attribute), "holders/%.255s/dm/uuid", name);
	return begins_with(device, attribute, MAPPING_COW_PREFIX) &&
	       !begins_with(device, "dm/uuid", MAPPING_UUID_PREFIX);
}

/* Accepts one device that stands on it, if nothing can be written through it. */
static int check_device(const struct inode *inode, const char *name, struct error *err)
{
	char attribute[SYSFS_VALUE_MAX + 32], value[SYSFS_VALUE_MAX];

	if (is_read_by_snapshot(inode->stat.st_rdev, name))
		return 0;

	snprintf(attribute, sizeof(attribute), "holders/%.255s/ro", name);
	if (sysfs_read_device(inode->stat.st_rdev, attribute, value) == 0 &&
	    strcmp(value, "1") == 0)
		return 0;
	return refuse(inode, "a writable device stands on it", err);
}

/* Sets *devices to how many devices stand on it; a writable one among them is an error. */
static int check_devices(const struct inode *inode, unsigned int *devices, struct error *err)
{
	DIR *dir = open_holders(inode->stat.st_rdev);
	const char *name;
	int more = 0, result = 0;

	*devices = 0;
	if (dir == NULL && errno == ENOENT)
		return 0;
	while (dir != NULL && result == 0 && (more = sysfs_next(dir, &name)) > 0) {
		++*devices;
		result = check_device(inode, name, err);
	}
	if (dir == NULL || more < 0)
		result = error_set(err, errno, inode->path, "its holders cannot be listed",
				   "cannot use %s", inode->what);
	if (dir != NULL)
		closedir(dir);
	return result;
}

/* btrfs and others show a device number of their own (0:N); their source is then the device. */
static bool is_mount_of(unsigned int major_number, unsigned int minor_number, const char *source,
			dev_t device)
{
	struct stat found;

	if (major_number != 0)
		return makedev(major_number, minor_number) == device;
	return source[0] == '/' && stat(source, &found) == 0 && S_ISBLK(found.st_mode) &&
	       found.st_rdev == device;
}

void holder_read_mounts(FILE *file, dev_t device, struct holder_mounts *mounts)
{
	cleanup_free char *line = NULL;
	unsigned int major_number, minor_number;
	char source[256], options[8];
	size_t size = 0;
	const char *tail;

	*mounts = (struct holder_mounts){ 0 };
	while (getline(&line, &size, file) >= 0) {
		tail = strstr(line, " - ");
		if (tail == NULL ||
		    sscanf(line, "%*u %*u %u:%u", &major_number, &minor_number) != 2)
			continue;
		if (sscanf(tail, " - %*s %255s %7[^, \n]", source, options) != 2)
			continue;
		if (!is_mount_of(major_number, minor_number, source, device))
			continue;
		mounts->any = true;
		mounts->writable |= strcmp(options, "ro") != 0;
	}
}

static int check_mounts(const struct inode *inode, struct error *err)
{
	FILE *file = fopen(MOUNTINFO, "re");
	struct holder_mounts mounts;

	if (file == NULL)
		return error_set(err, errno, NULL, NULL, "cannot read the list of mounts");
	holder_read_mounts(file, inode->stat.st_rdev, &mounts);
	fclose(file);
	if (!mounts.any)
		return refuse(inode, "held by something that may write to it", err);
	return mounts.writable ? refuse(inode, "mounted writable", err) : 0;
}

int holder_check_read_only(const struct inode *inode, struct error *err)
{
	unsigned int devices;

	if (check_devices(inode, &devices, err) < 0)
		return -1;
	return devices > 0 ? 0 : check_mounts(inode, err);
}
