/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loop-is-ours DEVICE: exit status 0 for a loop device that the backend set up. For udev's rules. */
#include <fcntl.h>
#include <stdlib.h>

#include "cleanup.h"
#include "loop.h"

int main(int argc, char **argv)
{
	cleanup_fd int fd = -1;

	if (argc != 2)
		return 2;
	/* One that is gone is nobody's. */
	fd = open(argv[1], O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	return fd >= 0 && loop_is_ours(fd) ? EXIT_SUCCESS : EXIT_FAILURE;
}
