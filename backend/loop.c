/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "loop.h"

/* The kernel keeps this text and does nothing with it; losetup shows the file's path from sysfs. */
#define LOOP_MARK "xen-ephemeral"

#ifndef LOOP_CONFIGURE
#error "the kernel's headers are too old: LOOP_CONFIGURE came with Linux 5.8"
#endif

/* Each round lost means that another process got a device, so this is far more than is ever needed. */
#define LOOP_ROUNDS 1000

/* Opens the loop device that control says is free. Returns its descriptor, or -1 with errno set. */
static int open_free(int control, int mode)
{
	char node[32];
	int number = ioctl(control, LOOP_CTL_GET_FREE);

	if (number < 0)
		return -1;
	snprintf(node, sizeof(node), "/dev/loop%d", number);
	return open(node, mode | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
}

/* Returns 0, 1 when another process was quicker, or -1 with errno set. */
static int configure(int fd, int file, bool read_only)
{
	struct loop_config config = {
		.fd = (unsigned int)file,
		.block_size = 512,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0),
		.info.lo_file_name = LOOP_MARK,
	};

	if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
		return 0;
	return errno == EBUSY ? 1 : -1;
}

/* Gets a device and puts it over file. Returns its descriptor, or -1 with errno set. */
static int configure_free(int control, int file, bool read_only)
{
	for (int round = 0; round < LOOP_ROUNDS; round++) {
		cleanup_fd int fd = open_free(control, read_only ? O_RDONLY : O_RDWR);
		int result;

		/* A device that was just taken away again: ENXIO, or its node is gone. */
		if (fd < 0 && errno != ENXIO && errno != ENOENT)
			return -1;
		result = fd < 0 ? 1 : configure(fd, file, read_only);
		if (result == 0)
			return steal_fd(&fd);
		if (result < 0)
			return -1;
	}
	errno = EBUSY;
	return -1;
}

int loop_attach(int file, bool read_only, const char *what, struct loop *loop, struct error *err)
{
	cleanup_fd int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC | O_NOCTTY);
	cleanup_fd int fd = -1;
	struct stat found;

	if (control < 0)
		return error_set(err, errno, "/dev/loop-control", "is the loop module there?",
				 "cannot get a loop device");
	fd = configure_free(control, file, read_only);
	if (fd < 0)
		return error_set(err, errno, NULL, NULL, "cannot set up a loop device over the %s",
				 what);
	if (fstat(fd, &found) < 0)
		return error_set(err, errno, NULL, NULL, "cannot look at a loop device");
	loop->device = found.st_rdev;
	loop->fd = steal_fd(&fd);
	return 0;
}

bool loop_is_ours(int fd)
{
	struct loop_info64 info;

	return ioctl(fd, LOOP_GET_STATUS64, &info) == 0 &&
	       strncmp((const char *)info.lo_file_name, LOOP_MARK, sizeof(info.lo_file_name)) == 0;
}

void loop_close(struct loop *loop)
{
	close_fd(&loop->fd);
}
