/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cleanup.h"
#include "inode.h"
#include "sysfs.h"

#define DEVICE_DIR "/dev/"
#define MAPPER_DIR "/dev/mapper/"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool below_dev(const char *path)
{
	return starts_with(path, DEVICE_DIR) && strstr(path, "/../") == NULL;
}

static int check_kind(const struct inode *inode, struct error *err)
{
	mode_t mode = inode->stat.st_mode;
	const char *reason = "neither a regular file nor a block device";

	if (S_ISBLK(mode) || (S_ISREG(mode) && !below_dev(inode->path)))
		return 0;
	if (S_ISREG(mode))
		reason = "a regular file below /dev";
	else if (S_ISLNK(mode))
		reason = "a symbolic link, and those are followed below /dev only";
	else if (S_ISDIR(mode))
		reason = "a directory";
	return error_set(err, 0, inode->path, reason, "cannot use %s", inode->what);
}

static int check_mapper_name(const struct inode *inode, struct error *err)
{
	const char *name = inode->path + strlen(MAPPER_DIR);
	char found[SYSFS_VALUE_MAX];

	if (!starts_with(inode->path, MAPPER_DIR) || strchr(name, '/') != NULL)
		return 0;
	if (sysfs_read_device(inode->stat.st_rdev, "dm/name", found) < 0)
		return error_set(err, errno, inode->path, "not a device-mapper device",
				 "cannot use %s", inode->what);
	if (strcmp(found, name) != 0)
		return error_set(err, 0, inode->path, "the mapping there has another name",
				 "cannot use %s", inode->what);
	return 0;
}

int inode_find(const char *path, const char *what, struct inode *inode, struct error *err)
{
	int follow = below_dev(path) ? 0 : O_NOFOLLOW;

	inode->path = path;
	inode->what = what;
	inode->fd = open(path, O_PATH | O_CLOEXEC | follow);
	if (inode->fd < 0)
		return error_set(err, errno, path, NULL, "cannot open %s", what);
	if (fstat(inode->fd, &inode->stat) == 0) {
		if (check_kind(inode, err) == 0 && check_mapper_name(inode, err) == 0)
			return 0;
	} else {
		error_set(err, errno, path, NULL, "cannot look at %s", what);
	}
	inode_close(inode);
	return -1;
}

int inode_open(const struct inode *inode, int flags)
{
	char again[sizeof("/proc/self/fd/") + 16];

	snprintf(again, sizeof(again), "/proc/self/fd/%d", inode->fd);
	/* O_NONBLOCK: an open that would break somebody's lease fails at once (fcntl(2)). */
	return open(again, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

void inode_close(struct inode *inode)
{
	close_fd(&inode->fd);
}

int inode_device_size(const struct inode *inode, int fd, uint64_t *bytes, struct error *err)
{
	if (ioctl(fd, BLKGETSIZE64, bytes) < 0)
		return error_set(err, errno, inode->path, NULL, "cannot get the size of %s",
				 inode->what);
	return 0;
}
