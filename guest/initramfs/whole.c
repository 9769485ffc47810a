/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whole.h"

/* A file's size says how much there is to read; one more byte shows its end. */
int whole_read(int fd, struct bytes *bytes, struct error *err)
{
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, NULL, NULL, "cannot read");
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, NULL, "not a regular file", "cannot read");
	if (status.st_size > 0 && (size_t)status.st_size < bytes->limit - bytes->length &&
	    bytes_grow(bytes, (size_t)status.st_size + 1, err) < 0)
		return -1;
	do {
		if (bytes_grow(bytes, 1, err) < 0)
			return -1;
		got = read(fd, bytes->data + bytes->length, bytes->room - bytes->length);
		if (got < 0 && errno != EINTR)
			return error_set(err, errno, NULL, NULL, "cannot read");
		bytes->length += got > 0 ? (size_t)got : 0;
	} while (got != 0);
	return 0;
}

int whole_write(int fd, const struct bytes *bytes, struct error *err)
{
	size_t done = 0;
	ssize_t put;

	while (done < bytes->length) {
		put = write(fd, bytes->data + done, bytes->length - done);
		if (put < 0 && errno != EINTR)
			return error_set(err, errno, NULL, NULL, "cannot write");
		done += put > 0 ? (size_t)put : 0;
	}
	if (fsync(fd) < 0)
		return error_set(err, errno, NULL, NULL, "cannot write");
	return 0;
}

int whole_copy(int from, int to, struct error *err)
{
	struct stat status;
	off_t done = 0;
	ssize_t put;

	if (fstat(from, &status) < 0)
		return error_set(err, errno, NULL, NULL, "cannot copy");
	if (ioctl(to, FICLONE, from) == 0)
		done = status.st_size;
	while (done < status.st_size) {
		put = copy_file_range(from, NULL, to, NULL, (size_t)(status.st_size - done), 0);
		if (put <= 0)
			return error_set(err, put < 0 ? errno : EIO, NULL, NULL, "cannot copy");
		done += put;
	}
	if (fsync(to) < 0)
		return error_set(err, errno, NULL, NULL, "cannot copy");
	return 0;
}
