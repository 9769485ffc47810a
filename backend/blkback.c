/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "blkback.h"
#include "sysfs.h"

#define DEVICES "/sys/bus/xen-backend/devices"

/* The attributes go one by one when the disk goes: half of them is none. */
static int look_at(const char *name, struct blkback_disk *disk, struct error *err)
{
	char path[sizeof(DEVICES) + SYSFS_VALUE_MAX + 32];
	char device[SYSFS_VALUE_MAX], mode[SYSFS_VALUE_MAX];

	snprintf(path, sizeof(path), DEVICES "/%s/physical_device", name);
	if (sysfs_read(path, device) < 0)
		goto failed;
	snprintf(path, sizeof(path), DEVICES "/%s/mode", name);
	if (sysfs_read(path, mode) < 0)
		goto failed;
	if (!sysfs_parse_device(device, &disk->device))
		return error_set(err, 0, name, "not a device number",
				 "cannot read blkback's state");
	disk->writable = strchr(mode, 'w') != NULL;
	return 1;
failed:
	if (errno == ENOENT || errno == ENODEV)
		return 0;
	return error_set(err, errno, name, NULL, "cannot read blkback's state");
}

int blkback_look(uint32_t domid, uint32_t devid, struct blkback_disk *disk, struct error *err)
{
	char name[64];

	snprintf(name, sizeof(name), "vbd-%" PRIu32 "-%" PRIu32, domid, devid);
	return look_at(name, disk, err);
}

static int cannot_list(struct error *err)
{
	return error_set(err, errno, DEVICES, NULL, "cannot list the attached disks");
}

int blkback_each(void (*visit)(uint32_t domid, uint32_t devid, void *context), void *context,
		 struct error *err)
{
	DIR *dir = opendir(DEVICES);
	uint32_t domid, devid;
	const char *name;
	int more;

	if (dir == NULL && errno == ENOENT)
		return 0; /* no backend driver, so no domain has anything */
	if (dir == NULL)
		return cannot_list(err);
	while ((more = sysfs_next(dir, &name)) > 0)
		if (sscanf(name, "vbd-%" SCNu32 "-%" SCNu32, &domid, &devid) == 2)
			visit(domid, devid, context);
	if (more < 0)
		cannot_list(err);
	closedir(dir);
	return more;
}

/* Counts the disk of that name if it is the device, or shares sectors with it. */
static int count_one(const char *name, dev_t device, struct blkback_users *users, struct error *err)
{
	struct blkback_disk disk = { 0 };
	int found = look_at(name, &disk, err);

	if (found != 1)
		return found;
	found = sysfs_devices_overlap(disk.device, device);
	if (found < 0)
		return error_set(err, errno, name, NULL, "cannot read which disk it is part of");
	if (found && disk.writable)
		users->writers++;
	else if (found)
		users->readers++;
	return 0;
}

static int count(DIR *dir, dev_t device, struct blkback_users *users, struct error *err)
{
	const char *name;
	int more;

	while ((more = sysfs_next(dir, &name)) > 0)
		if (strncmp(name, "vbd-", 4) == 0 && count_one(name, device, users, err) < 0)
			return -1;
	return more < 0 ? cannot_list(err) : 0;
}

int blkback_users(dev_t device, struct blkback_users *users, struct error *err)
{
	DIR *dir = opendir(DEVICES);
	int result;

	*users = (struct blkback_users){ 0 };
	if (dir == NULL && errno == ENOENT)
		return 0; /* no backend driver, so no domain has anything */
	if (dir == NULL)
		return cannot_list(err);
	result = count(dir, device, users, err);
	closedir(dir);
	return result;
}
