/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short values read from sysfs. */
#ifndef XE_SYSFS_H
#define XE_SYSFS_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

/* Room for one value and its NUL; dm names have at most 127 bytes (DM_NAME_LEN, linux/dm-ioctl.h). */
#define SYSFS_VALUE_MAX 256

/* Reads the file at path without its final newline. Returns 0, or -1 with errno set: ENOENT where
 * the kernel has no such thing, EOVERFLOW for a value that is longer. */
int sysfs_read(const char *path, char value[SYSFS_VALUE_MAX]);

/* The same for the attribute (a path such as "dm/name") of a block device. */
int sysfs_read_device(dev_t device, const char *attribute, char value[SYSFS_VALUE_MAX]);

/* Writes a block device's own name in the kernel, "dm-3". Returns 0, or -1 with errno set. */
int sysfs_device_name(dev_t device, char name[SYSFS_VALUE_MAX]);

/* Points *name to the next entry that does not begin with a dot. Returns 1, 0 at the end, or -1 with
 * errno set: readdir() alone says the same of an end and of a failure. */
int sysfs_next(DIR *dir, const char **name);

/* Tells whether two block devices share sectors: the same device, or a disk and its partition. Returns
 * 1 or 0, or -1 with errno set where that cannot be read. */
int sysfs_devices_overlap(dev_t a, dev_t b);

/* Parses "254:10" as sysfs and dm tables print a device: digits only, within the kernel's 12 and 20 bits. */
bool sysfs_parse_number(const char *text, dev_t *device);

/* Parses "fe:a" as blkback prints a device (two hexadecimal numbers, nothing else). */
bool sysfs_parse_device(const char *text, dev_t *device);

#endif
