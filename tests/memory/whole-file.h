/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump, mapped whole. */
#ifndef XE_TEST_WHOLE_FILE_H
#define XE_TEST_WHOLE_FILE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

static void __attribute__((noreturn)) die(const char *thing)
{
	perror(thing);
	exit(2);
}

/* Maps the file for reading until the program ends; *size is in bytes. Ends the program if it cannot. */
static const unsigned char *map_whole(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat found;
	void *map;

	if (fd < 0 || fstat(fd, &found) < 0)
		die(path);
	*size = (size_t)found.st_size;
	map = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		die(path);
	return map;
}

#endif
