/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "sysfs.h"

int sysfs_read(const char *path, char value[SYSFS_VALUE_MAX])
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, value, SYSFS_VALUE_MAX);
	if (got < 0)
		return -1;
	if (got == SYSFS_VALUE_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	if (got > 0 && value[got - 1] == '\n')
		got--;
	value[got] = '\0';
	return 0;
}

int sysfs_read_device(dev_t device, const char *attribute, char value[SYSFS_VALUE_MAX])
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(device), minor(device),
		 attribute);
	return sysfs_read(path, value);
}

int sysfs_device_name(dev_t device, char name[SYSFS_VALUE_MAX])
{
	char path[64], target[PATH_MAX];
	const char *slash;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(device), minor(device));
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, SYSFS_VALUE_MAX, "%.255s", slash ? slash + 1 : target);
	return 0;
}

int sysfs_next(DIR *dir, const char **name)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(dir);
	} while (entry != NULL && entry->d_name[0] == '.');
	if (entry == NULL)
		return errno ? -1 : 0;
	*name = entry->d_name;
	return 1;
}

/* Of up to 8 digits, up to the character that ends it. strtoul alone would take blanks, signs and "0x". */
static bool read_part(const char **text, char end, int base, unsigned long most,
		      unsigned int *number)
{
	size_t digits = strspn(*text, base == 16 ? "0123456789abcdefABCDEF" : "0123456789");

	if (digits == 0 || digits > 8 || (*text)[digits] != end)
		return false;
	*number = (unsigned int)strtoul(*text, NULL, base);
	*text += digits + (end != '\0');
	return *number <= most;
}

static bool parse(const char *text, int base, unsigned long major_most, unsigned long minor_most,
		  dev_t *device)
{
	unsigned int major_number, minor_number;

	if (!read_part(&text, ':', base, major_most, &major_number) ||
	    !read_part(&text, '\0', base, minor_most, &minor_number))
		return false;
	*device = makedev(major_number, minor_number);
	return true;
}

bool sysfs_parse_number(const char *text, dev_t *device)
{
	return parse(text, 10, 0xfff, 0xfffff, device);
}

bool sysfs_parse_device(const char *text, dev_t *device)
{
	return parse(text, 16, UINT_MAX, UINT_MAX, device);
}

/* Sets *disk to what device is a partition of, else to device itself. Returns 0, or -1 with errno set. */
static int whole_disk(dev_t device, dev_t *disk)
{
	char value[SYSFS_VALUE_MAX];

	*disk = device;
	if (sysfs_read_device(device, "partition", value) < 0 ||
	    sysfs_read_device(device, "../dev", value) < 0)
		return errno == ENOENT ? 0 : -1;
	sysfs_parse_number(value, disk);
	return 0;
}

int sysfs_devices_overlap(dev_t a, dev_t b)
{
	dev_t disk_of_a, disk_of_b;

	if (a == b)
		return 1;
	if (whole_disk(a, &disk_of_a) < 0 || whole_disk(b, &disk_of_b) < 0)
		return -1;
	/* Two partitions of one disk do not. */
	return disk_of_a == b || a == disk_of_b;
}
