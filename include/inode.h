/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and block devices, opened once and by their inode.
 *
 * What a path names is looked at through an O_PATH descriptor, which neither blocks nor wakes a
 * driver, and only what is a regular file or a block device is then opened for reading or writing,
 * through that same descriptor: nobody can change the path in between.
 */
#ifndef XE_INODE_H
#define XE_INODE_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "error.h"

struct inode {
	int fd;		  /* O_PATH, owned: inode_close() */
	const char *path; /* as given, not owned */
	const char *what; /* "origin" or "store", for messages; a constant */
	struct stat stat;
};

/*
 * Finds the regular file or block device at path. Below /dev symlinks are followed, since LVM and
 * udev name devices by them, and what is found must be a block device; elsewhere the last part of
 * the path must not be a symlink. For /dev/mapper/NAME the device must be the mapping NAME (sysfs
 * dm/name): an old symlink there can name another device's number. Other links below /dev are
 * udev's, which takes them away with their device. Returns 0 or -1.
 */
int inode_find(const char *path, const char *what, struct inode *inode, struct error *err);

/* Opens what inode_find() found with flags (O_RDONLY, O_RDWR, O_EXCL); O_CLOEXEC, O_NOCTTY and
 * O_NONBLOCK are added. Returns the descriptor, or -1 with errno set. */
int inode_open(const struct inode *inode, int flags);

void inode_close(struct inode *inode);

/* Sets *bytes to the size of an open block device. Returns 0 or -1. */
int inode_device_size(const struct inode *inode, int fd, uint64_t *bytes, struct error *err);

#endif
