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

int blkback_each(void (*visit)(uint32_t domid, uint32_t devid, void *context), void *context,
		 struct error *err)
{
	DIR *dir = opendir(DEVICES);
	uint32_t domid, devid;
	struct dirent *entry;

	if (dir == NULL && errno == ENOENT)
		return 0; /* no backend driver, so no domain has anything */
	if (dir == NULL)
		return error_set(err, errno, DEVICES, NULL, "cannot list the attached disks");
	while ((entry = readdir(dir)) != NULL)
		if (sscanf(entry->d_name, "vbd-%" SCNu32 "-%" SCNu32, &domid, &devid) == 2)
			visit(domid, devid, context);
	closedir(dir);
	return 0;
}

static int count(DIR *dir, dev_t device, struct blkback_users *users, struct error *err)
{
	struct blkback_disk disk = { 0 };
	struct dirent *entry;
	int found;

	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, "vbd-", 4) != 0)
			continue;
		found = look_at(entry->d_name, &disk, err);
		if (found < 0)
			return -1;
		if (found != 1 || !sysfs_devices_overlap(disk.device, device))
			continue;
		if (disk.writable)
			users->writers++;
		else
			users->readers++;
	}
	return 0;
}

int blkback_users(dev_t device, struct blkback_users *users, struct error *err)
{
	DIR *dir = opendir(DEVICES);
	int result;

	*users = (struct blkback_users){ 0 };
	if (dir == NULL && errno == ENOENT)
		return 0; /* no backend driver, so no domain has anything */
	if (dir == NULL)
		return error_set(err, errno, DEVICES, NULL, "cannot list the attached disks");
	result = count(dir, device, users, err);
	closedir(dir);
	return result;
}
