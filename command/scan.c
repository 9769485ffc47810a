/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "deadline.h"
#include "progress.h"
#include "scan.h"
#include "sysfs.h"

#define PIECE (1u << 20)

/* Any sector size divides it: O_DIRECT asks for that of buffers, lengths and offsets. */
#define ALIGNMENT 4096

/* Through a mapping this is what the guest wrote: locked, and wiped before it is given back. */
struct room {
	unsigned char piece[PIECE];
	struct search search;
};

static struct room *room_make(struct error *err)
{
	size_t size = (sizeof(struct room) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct room *room = aligned_alloc(ALIGNMENT, size);

	if (room != NULL && mlock(room, sizeof(*room)) == 0)
		return room;
	error_set(err, errno, NULL, NULL, "cannot lock memory for the search");
	free(room);
	return NULL;
}

static void room_free(struct room *room)
{
	explicit_bzero(room, sizeof(*room));
	munlock(room, sizeof(*room));
	free(room);
}

static int open_device(dev_t device, struct error *err)
{
	char name[SYSFS_VALUE_MAX], node[SYSFS_VALUE_MAX + 8], *slash;
	cleanup_fd int fd = -1;
	struct stat found;

	if (sysfs_device_name(device, name) < 0)
		return error_set(err, errno, NULL, NULL, "cannot find a device to search");
	/* "cciss!c0d0" is /dev/cciss/c0d0 (drivers/base/core.c, device_get_devnode). */
	while ((slash = strchr(name, '!')) != NULL)
		*slash = '/';
	snprintf(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_RDONLY | O_DIRECT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &found) < 0)
		return error_set(err, errno, node, NULL, "cannot search");
	if (!S_ISBLK(found.st_mode) || found.st_rdev != device)
		return error_set(err, 0, node, "another device stands there", "cannot search");
	return steal_fd(&fd);
}

/* Returns what was read, at least one byte; -1. */
static ssize_t read_piece(int fd, unsigned char *piece, uint64_t offset, struct error *err)
{
	ssize_t length;

	/* Of the search as a whole nobody can say how long it takes; of a piece one can. */
	deadline_again();
	do
		length = pread(fd, piece, PIECE, (off_t)offset);
	while (length < 0 && errno == EINTR);
	if (length > 0)
		return length;
	return error_set(err, length < 0 ? errno : 0, NULL, length < 0 ? NULL : "it ends too early",
			 "cannot read at byte %llu", (unsigned long long)offset);
}

static int scan_open(struct scan *scan, int fd, uint64_t size, struct room *room, struct error *err)
{
	struct progress progress;
	ssize_t length = 0;
	bool wanted = true;

	progress_begin(&progress, scan->what, size);
	while (room->search.read < size && (wanted = scan->wanted(scan->context))) {
		length = read_piece(fd, room->piece, room->search.read, err);
		if (length < 0)
			break;
		search_feed(&room->search, room->piece, (size_t)length);
		progress_at(&progress, room->search.read);
	}
	progress_end(&progress);
	scan->found = room->search.found;
	scan->first = room->search.first;
	scan->read = room->search.read;
	return length < 0 ? -1 : wanted;
}

int scan_device(struct scan *scan, const struct scan_marker *marker, struct error *err)
{
	cleanup_fd int fd = open_device(scan->device, err);
	struct room *room;
	uint64_t size;
	int result;

	if (fd < 0)
		return -1;
	if (ioctl(fd, BLKGETSIZE64, &size) < 0)
		return error_set(err, errno, NULL, NULL,
				 "cannot tell the size of a device to search");
	room = room_make(err);
	if (room == NULL)
		return -1;
	deadline_step("reading a device to search it");
	search_begin(&room->search, marker->bytes, marker->length);
	result = scan_open(scan, fd, size, room, err);
	room_free(room);
	return result;
}

/* Reads what there is, up to size bytes. Returns how much, or -1. */
static ssize_t read_all(int fd, unsigned char *bytes, size_t size)
{
	size_t done = 0;
	ssize_t length = 1;

	while (length > 0 && done < size) {
		length = read(fd, bytes + done, size - done);
		done += length > 0 ? (size_t)length : 0;
	}
	return length < 0 ? -1 : (ssize_t)done;
}

int scan_read_marker(const char *path, struct scan_marker *marker, struct error *err)
{
	static const char action[] = "cannot read the marker";
	/* One byte more than is taken, and a newline. */
	unsigned char bytes[SEARCH_MARKER_MAX + 2];
	bool is_stdin = strcmp(path, "-") == 0;
	cleanup_fd int fd =
		is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t length = fd < 0 ? -1 : read_all(fd, bytes, sizeof(bytes));

	if (length < 0)
		return error_set(err, errno, path, NULL, "%s", action);
	if (length > 0 && bytes[length - 1] == '\n')
		length--;
	if (length < SEARCH_MARKER_MIN || length > SEARCH_MARKER_MAX)
		return error_set(err, 0, path, "it has fewer than 8 bytes, or more than 4096", "%s",
				 action);
	memcpy(marker->bytes, bytes, (size_t)length);
	marker->length = (size_t)length;
	return 0;
}
