/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else has a regular file open, asked in constant time.
 *
 * A write lease (fcntl(2), F_SETLEASE) is granted only to the one open description of a file, a read
 * lease only while nothing has it open for writing. A loop device counts as its opener: seen on
 * Linux 6.1 and 6.18, a read-only loop stops a write lease, a writable one stops both.
 * SIGIO must be ignored: the kernel sends it to the holder when somebody else opens the file.
 */
#ifndef XE_LEASE_H
#define XE_LEASE_H

#include <stdbool.h>

#include "inode.h"

/*
 * Takes a write lease (alone) or a read lease on fd, an open of inode. Returns 0, or -1: in use
 * elsewhere, or the filesystem has no leases, so that nobody can tell.
 */
int lease_take(const struct inode *inode, int fd, bool alone, struct error *err);

/* Gives the lease back; called once a loop device keeps the open description. */
void lease_give_back(int fd);

#endif
