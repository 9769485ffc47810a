/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>

#include "lease.h"

int lease_take(const struct inode *inode, int fd, bool alone, struct error *err)
{
	if (fcntl(fd, F_SETLEASE, alone ? F_WRLCK : F_RDLCK) == 0)
		return 0;
	if (errno != EAGAIN)
		return error_set(err, errno, inode->path,
				 "its filesystem cannot tell who else has it open", "cannot use %s",
				 inode->what);
	return error_set(err, EBUSY, inode->path,
			 alone ? "something else has it open"
			       : "something else has it open for writing",
			 "cannot use %s", inode->what);
}

void lease_give_back(int fd)
{
	/* Nothing to be done if it fails: the lease ends with the description. */
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
}
