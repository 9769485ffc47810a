/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "blkback.h"
#include "cleanup.h"
#include "holder.h"
#include "loop.h"
#include "orphan-loop.h"
#include "sysfs.h"

#define BLOCK_DEVICES "/sys/block"

static int open_loop(const char *name)
{
	char node[288];

	snprintf(node, sizeof(node), "/dev/%s", name);
	return open(node, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
}

static bool is_bound(const char *name)
{
	char path[320];

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/loop/backing_file", name);
	return access(path, F_OK) == 0;
}

static bool read_number(const char *name, dev_t *number)
{
	char path[320], value[SYSFS_VALUE_MAX];

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/dev", name);
	return sysfs_read(path, value) == 0 && sysfs_parse_number(value, number);
}

/* sysfs first: opening a loop device of somebody else's may wait for its storage. */
static bool is_orphan(const char *name)
{
	char value[SYSFS_VALUE_MAX];
	struct blkback_users users;
	struct error ignored;
	dev_t number;
	bool ours;
	int fd;

	if (!is_bound(name) || !read_number(name, &number) ||
	    sysfs_read_device(number, "loop/autoclear", value) < 0 || strcmp(value, "1") != 0 ||
	    holder_is_any(number) || blkback_users(number, &users, &ignored) < 0 ||
	    users.readers + users.writers > 0)
		return false;
	fd = open_loop(name);
	ours = fd >= 0 && loop_is_ours(fd);
	close_fd(&fd);
	return ours;
}

/* An attach that is under way has its loop device a moment before anything stands on it. */
static bool is_orphan_still(const char *name)
{
	const struct timespec moment = { .tv_sec = 1 };

	if (!is_orphan(name))
		return false;
	nanosleep(&moment, NULL);
	return is_orphan(name);
}

int orphan_loop_each(void (*visit)(const char *name, void *context), void *context,
		     struct error *err)
{
	DIR *dir = opendir(BLOCK_DEVICES);
	struct dirent *entry;

	if (dir == NULL)
		return error_set(err, errno, BLOCK_DEVICES, NULL, "cannot list the block devices");
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "loop", 4) == 0 && is_orphan_still(entry->d_name))
			visit(entry->d_name, context);
	closedir(dir);
	return 0;
}

bool orphan_loop_remove(const char *name)
{
	int fd = open_loop(name);

	/* While others have it open this only sets AUTOCLEAR (loop.c, loop_clr_fd), which is set. */
	if (fd >= 0 && loop_is_ours(fd))
		(void)ioctl(fd, LOOP_CLR_FD);
	close_fd(&fd);
	return !is_bound(name);
}
