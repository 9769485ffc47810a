/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "blkback.h"
#include "cleanup.h"
#include "deadline.h"
#include "holder.h"
#include "inode.h"
#include "lease.h"
#include "store.h"

/* How long another attach, or udev looking at the device, may hold the node's flock. */
#define STORE_LOCK_MS 5000

static int loop_over(int file, uint64_t bytes, struct store *store, struct error *err)
{
	if (loop_attach(file, false, "store", &store->loop, err) < 0)
		return -1;
	store->device = store->loop.device;
	store->bytes = bytes;
	return 0;
}

static int open_anonymous(const struct role *role, struct store *store, struct error *err)
{
	/* O_EXCL: no name can be given to it later either (open(2)). */
	cleanup_fd int file = open(role->dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		return error_set(err, errno, role->dir, "its filesystem has no O_TMPFILE files",
				 "cannot make the store");
	if (file < 0)
		return error_set(err, errno, role->dir, NULL, "cannot make the store");
	if (ftruncate(file, (off_t)role->size) < 0)
		return error_set(err, errno, role->dir, "size= is more than a file can have there",
				 "cannot size the store");
	return loop_over(file, role->size, store, err);
}

static int open_file(const struct inode *inode, struct store *store, struct error *err)
{
	cleanup_fd int file = inode_open(inode, O_RDWR);
	int result;

	if (file < 0)
		return error_set(err, errno, inode->path,
				 errno == EWOULDBLOCK ? "another attach is looking at it" : NULL,
				 "cannot open store");
	if (lease_take(inode, file, true, err) < 0)
		return -1;
	result = loop_over(file, (uint64_t)inode->stat.st_size, store, err);
	lease_give_back(file);
	return result;
}

static int lock_node(const struct inode *inode, int fd, struct error *err)
{
	uint64_t end = deadline_now() + STORE_LOCK_MS;
	unsigned int step = 0;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_set(err, errno, inode->path, NULL, "cannot lock store");
		if (!deadline_pause(end, &step))
			return error_set(err, EBUSY, inode->path, "something keeps it locked",
					 "cannot lock store");
	}
	return 0;
}

/* device-mapper claims the device for itself when the table is loaded, so ours is only tried. */
static int try_exclusive(const struct inode *inode, struct error *err)
{
	cleanup_fd int fd = inode_open(inode, O_RDWR | O_EXCL);
	struct blkback_users users;

	if (fd < 0)
		return error_set(err, errno, inode->path,
				 errno == EBUSY ? "held by another device, a mount or swap" : NULL,
				 "cannot open store");
	/* blkback opens without a claim (xenbus.c, xen_vbd_create), so O_EXCL does not see it. */
	if (blkback_users(inode->stat.st_rdev, &users, err) < 0)
		return -1;
	if (users.readers + users.writers > 0)
		return error_set(err, EBUSY, inode->path, "attached to a domain",
				 "cannot open store");
	return 0;
}

static int check_writable(const struct inode *inode, int fd, struct error *err)
{
	int read_only;

	if (ioctl(fd, BLKROGET, &read_only) < 0)
		return error_set(err, errno, inode->path, NULL, "cannot look at store");
	if (read_only)
		return error_set(err, EROFS, inode->path, NULL, "cannot open store");
	return 0;
}

static int open_device(const struct inode *inode, struct store *store, struct error *err)
{
	cleanup_fd int fd = inode_open(inode, O_RDWR);

	if (fd < 0)
		return error_set(err, errno, inode->path, NULL, "cannot open store");
	if (lock_node(inode, fd, err) < 0 || try_exclusive(inode, err) < 0 ||
	    check_writable(inode, fd, err) < 0 ||
	    inode_device_size(inode, fd, &store->bytes, err) < 0)
		return -1;
	store->device = inode->stat.st_rdev;
	store->guard = steal_fd(&fd);
	return 0;
}

static int open_existing(const struct role *role, struct store *store, struct error *err)
{
	struct inode inode;
	int result;

	if (inode_find(role->dev, "store", &inode, err) < 0)
		return -1;
	if (S_ISBLK(inode.stat.st_mode))
		result = open_device(&inode, store, err);
	else
		result = open_file(&inode, store, err);
	inode_close(&inode);
	return result;
}

int store_open(const struct role *role, struct store *store, struct error *err)
{
	*store = (struct store){ .loop.fd = -1, .guard = -1 };
	if ((role->dir ? open_anonymous : open_existing)(role, store, err) < 0)
		return -1;
	if (store->bytes >= STORE_BYTES_MIN)
		return 0;
	store_close(store);
	return error_set(err, 0, role->dir ? role->dir : role->dev,
			 "smaller than 2 MiB, no room for a partition table and a partition",
			 "cannot use store");
}

int store_check_alone(const struct store *store, dev_t mapping, struct error *err)
{
	int alone;

	/* A loop device of our own has no other way in. */
	if (store->guard < 0)
		return 0;
	alone = holder_is_only(store->device, mapping);
	if (alone > 0)
		return 0;
	if (alone < 0)
		return error_set(err, errno, NULL, "what stands on it cannot be listed",
				 "cannot use store");
	return error_set(err, EBUSY, NULL, "another device was put on it at the same moment",
			 "cannot use store");
}

void store_close(struct store *store)
{
	loop_close(&store->loop);
	close_fd(&store->guard);
}
