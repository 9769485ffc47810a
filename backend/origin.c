/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>

#include "blkback.h"
#include "cleanup.h"
#include "deadline.h"
#include "holder.h"
#include "inode.h"
#include "lease.h"
#include "origin.h"

static int open_file(const struct inode *inode, struct origin *origin, struct error *err)
{
	cleanup_fd int file = inode_open(inode, O_RDONLY);
	int result;

	if (file < 0)
		return error_set(err, errno, inode->path,
				 errno == EWOULDBLOCK ? "another attach is looking at it" : NULL,
				 "cannot open origin");
	if (inode->stat.st_size < 512)
		return error_set(err, 0, inode->path, "smaller than one sector",
				 "cannot use origin");
	if (lease_take(inode, file, false, err) < 0)
		return -1;
	result = loop_attach(file, true, "origin", &origin->loop, err);
	lease_give_back(file);
	origin->device = origin->loop.device;
	return result;
}

/* How long another attach of the same origin may have it open exclusively, in milliseconds. */
#define SHARE_MS 300

/* An exclusive open that works shows that dom0 itself has no use for the device. */
static int try_dom0(const struct inode *inode, struct error *err)
{
	cleanup_fd int fd = inode_open(inode, O_RDONLY | O_EXCL);

	if (fd >= 0)
		return 0;
	if (errno != EBUSY)
		return error_set(err, errno, inode->path, NULL, "cannot open origin");
	return holder_check_read_only(inode, err);
}

/* Another attach that tries the same device at this moment has it exclusively as well. */
static int check_dom0(const struct inode *inode, struct error *err)
{
	uint64_t end = deadline_now() + SHARE_MS;
	unsigned int step = 0;

	do {
		if (try_dom0(inode, err) == 0)
			return 0;
	} while (err->number == EBUSY && deadline_pause(end, &step));
	return -1;
}

static int check_domains(const struct inode *inode, struct error *err)
{
	struct blkback_users users;

	if (blkback_users(inode->stat.st_rdev, &users, err) < 0)
		return -1;
	if (users.writers > 0)
		return error_set(err, EBUSY, inode->path, "attached writable to another domain",
				 "cannot use origin");
	return 0;
}

static int open_device(const struct inode *inode, struct origin *origin, struct error *err)
{
	cleanup_fd int fd = inode_open(inode, O_RDONLY);

	if (fd < 0)
		return error_set(err, errno, inode->path, NULL, "cannot open origin");
	if (check_dom0(inode, err) < 0 || check_domains(inode, err) < 0)
		return -1;
	origin->device = inode->stat.st_rdev;
	origin->fd = steal_fd(&fd);
	return 0;
}

int origin_open(const char *path, struct origin *origin, struct error *err)
{
	struct inode inode;
	int result;

	*origin = (struct origin){ .loop.fd = -1, .fd = -1 };
	if (inode_find(path, "origin", &inode, err) < 0)
		return -1;
	if (S_ISBLK(inode.stat.st_mode))
		result = open_device(&inode, origin, err);
	else
		result = open_file(&inode, origin, err);
	inode_close(&inode);
	return result;
}

static int origin_inode(const struct origin *origin, const char *path, struct inode *inode,
			struct error *err)
{
	*inode = (struct inode){ .fd = origin->fd >= 0 ? origin->fd : origin->loop.fd,
				 .path = path,
				 .what = "origin" };
	if (fstat(inode->fd, &inode->stat) < 0)
		return error_set(err, errno, path, NULL, "cannot look at origin");
	return 0;
}

int origin_size(const struct origin *origin, const char *path, uint64_t *bytes, struct error *err)
{
	struct inode inode;

	if (origin_inode(origin, path, &inode, err) < 0)
		return -1;
	if (inode_device_size(&inode, inode.fd, bytes, err) < 0)
		return -1;
	if (*bytes < 512)
		return error_set(err, 0, path, "smaller than one sector", "cannot use origin");
	return 0;
}

int origin_check_again(const struct origin *origin, const char *path, struct error *err)
{
	struct inode inode;

	if (origin->fd < 0)
		return 0;
	if (origin_inode(origin, path, &inode, err) < 0 || holder_check_read_only(&inode, err) < 0)
		return -1;
	return check_domains(&inode, err);
}

void origin_close(struct origin *origin)
{
	loop_close(&origin->loop);
	close_fd(&origin->fd);
}
