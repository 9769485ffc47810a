/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "blkback.h"
#include "cleanup.h"
#include "holder.h"
#include "loop.h"
#include "orphan-loop.h"

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

static bool is_orphan(const char *name, struct error *err)
{
	cleanup_fd int fd = open_loop(name);
	struct blkback_users users;
	struct stat found;

	if (fd < 0 || fstat(fd, &found) < 0 || !loop_is_ours(fd) || holder_is_any(found.st_rdev))
		return false;
	return blkback_users(found.st_rdev, &users, err) == 0 && users.readers + users.writers == 0;
}

int orphan_loop_each(void (*visit)(const char *name, void *context), void *context,
		     struct error *err)
{
	DIR *dir = opendir(BLOCK_DEVICES);
	struct dirent *entry;

	if (dir == NULL)
		return error_set(err, errno, BLOCK_DEVICES, NULL, "cannot list the block devices");
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "loop", 4) == 0 && is_bound(entry->d_name) &&
		    is_orphan(entry->d_name, err))
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
