/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <et/com_err.h>
#include <ext2fs/ext2fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "image.h"
#include "tool.h"

#define CHUNK	  (1u << 20)
#define PATH_ROOM 512

static int fail(const struct kernel *kernel, const char *image, errcode_t code, const char *action,
		struct error *err)
{
	return kernel_error(kernel, err, 0, image, error_message(code), action);
}

static int check_clean(const struct kernel *kernel, const char *image, ext2_filsys fs,
		       struct error *err)
{
	if (ext2fs_has_feature_journal_needs_recovery(fs->super) ||
	    (fs->super->s_state & EXT2_ERROR_FS) || !(fs->super->s_state & EXT2_VALID_FS))
		return kernel_error(kernel, err, 0, image, "its filesystem needs e2fsck first",
				    "cannot use");
	return 0;
}

static int open_image(const struct kernel *kernel, const char *image, int flags, ext2_filsys *fs,
		      struct error *err)
{
	cleanup_fd int fd = kernel_open_file(kernel, image, err);
	char path[PATH_ROOM];
	errcode_t code;

	if (fd < 0)
		return -1;
	initialize_ext2_error_table();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	code = ext2fs_open(path, flags | EXT2_FLAG_64BITS, 0, 0, unix_io_manager, fs);
	if (code != 0)
		return fail(kernel, image, code, "cannot open the filesystem of", err);
	if (check_clean(kernel, image, *fs, err) == 0)
		return 0;
	ext2fs_free(*fs);
	return -1;
}

/* Returns 1, 0 where there is no /initramfs, or -1. */
static int find(const struct kernel *kernel, const char *image, ext2_filsys fs, ext2_ino_t *number,
		struct ext2_inode *inode, struct error *err)
{
	errcode_t code = ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, "initramfs", number);

	if (code == EXT2_ET_FILE_NOT_FOUND)
		return 0;
	if (code == 0)
		code = ext2fs_read_inode(fs, *number, inode);
	if (code != 0)
		return fail(kernel, image, code, "cannot look into", err);
	if (!S_ISREG(inode->i_mode) || inode->i_links_count != 1)
		return kernel_error(kernel, err, 0, image,
				    "its /initramfs is not a regular file of one name",
				    "cannot look into");
	return 1;
}

static errcode_t read_all(ext2_file_t file, struct bytes *bytes, struct error *err)
{
	unsigned int got;
	errcode_t code;

	do {
		if (bytes_grow(bytes, CHUNK, err) < 0)
			return EXT2_ET_NO_MEMORY;
		code = ext2fs_file_read(file, bytes->data + bytes->length, CHUNK, &got);
		bytes->length += got;
	} while (code == 0 && got > 0);
	return code;
}

static int read_file(const struct kernel *kernel, const char *image, ext2_filsys fs,
		     ext2_ino_t number, struct bytes *bytes, struct error *err)
{
	ext2_file_t file;
	errcode_t code = ext2fs_file_open(fs, number, 0, &file);

	if (code == 0) {
		code = read_all(file, bytes, err);
		ext2fs_file_close(file);
	}
	return code == 0 ? 0 : fail(kernel, image, code, "cannot read the initramfs in", err);
}

int image_read(const struct kernel *kernel, const char *image, struct bytes *initramfs,
	       struct error *err)
{
	struct ext2_inode inode;
	ext2_filsys fs;
	ext2_ino_t number;
	int found;

	if (open_image(kernel, image, 0, &fs, err) < 0)
		return -1;
	found = find(kernel, image, fs, &number, &inode, err);
	if (found > 0 && read_file(kernel, image, fs, number, initramfs, err) < 0)
		found = -1;
	ext2fs_free(fs);
	return found;
}

static errcode_t write_all(ext2_file_t file, const struct bytes *bytes)
{
	size_t done = 0;
	unsigned int put;
	errcode_t code = ext2fs_file_set_size2(file, 0);

	while (code == 0 && done < bytes->length) {
		size_t left = bytes->length - done;

		code = ext2fs_file_write(file, bytes->data + done,
					 (unsigned int)(left < CHUNK ? left : CHUNK), &put);
		done += put;
	}
	return code;
}

/* The inode stays, and all that it says; only its blocks are others. */
static errcode_t write_file(ext2_filsys fs, ext2_ino_t number, const struct bytes *bytes)
{
	ext2_file_t file;
	errcode_t code = ext2fs_read_bitmaps(fs), closed;

	if (code == 0)
		code = ext2fs_file_open(fs, number, EXT2_FILE_WRITE, &file);
	if (code != 0)
		return code;
	code = write_all(file, bytes);
	closed = ext2fs_file_close(file);
	return code != 0 ? code : closed;
}

/* How many blocks are missing for a file of length bytes in place of this one; at most 0 where none
 * are. A block of pointers stands for a few hundred of data, with some more for their own tree. */
static long long missing_blocks(ext2_filsys fs, const struct ext2_inode *inode, size_t length)
{
	long long size = (long long)fs->blocksize, needed = (long long)length / size + 1;
	long long has =
		(long long)ext2fs_free_blocks_count(fs->super) +
		(long long)ext2fs_inode_i_blocks(fs, (struct ext2_inode *)inode) * 512 / size;

	return needed + needed / (size / 4) + 8 - has;
}

/* What an image has to be for a larger file in it. */
struct size {
	long long blocks;
	unsigned int block_size;
	uint32_t time; /* of its last change */
};

static void set_size(ext2_filsys fs, long long missing, struct size *size)
{
	size->blocks = (long long)ext2fs_blocks_count(fs->super) + missing + missing / 16 + 16;
	size->block_size = fs->blocksize;
	size->time = fs->super->s_wtime;
	/* The same input makes the same image. */
	fs->now = (time_t)size->time;
}

/* Returns 1 where it is written, 0 where it has to become as large as *size says, or -1. */
static int try_write(const struct kernel *kernel, const char *image, const struct bytes *initramfs,
		     struct size *size, struct error *err)
{
	struct ext2_inode inode;
	ext2_filsys fs;
	ext2_ino_t number;
	errcode_t code = 0;
	long long missing;

	if (open_image(kernel, image, EXT2_FLAG_RW, &fs, err) < 0)
		return -1;
	if (find(kernel, image, fs, &number, &inode, err) <= 0) {
		ext2fs_free(fs);
		return -1;
	}
	missing = missing_blocks(fs, &inode, initramfs->length);
	set_size(fs, missing, size);
	if (missing <= 0)
		code = write_file(fs, number, initramfs);
	if (code != 0 || missing > 0)
		ext2fs_free(fs);
	else
		code = ext2fs_close(fs);
	if (code != 0)
		return fail(kernel, image, code, "cannot write the initramfs in", err);
	return missing <= 0;
}

static int resize(const struct kernel *kernel, const char *image, const struct size *size,
		  struct error *err)
{
	char text[32], time[32];
	const char *const arguments[] = { "resize2fs", "-f", image, text, NULL };

	snprintf(text, sizeof(text), "%lldK", size->blocks * (size->block_size / 1024));
	snprintf(time, sizeof(time), "%u", size->time);
	setenv("E2FSPROGS_FAKE_TIME", time, 1);
	return tool_run(kernel, arguments, err);
}

int image_write(const struct kernel *kernel, const char *image, const struct bytes *initramfs,
		struct error *err)
{
	const char *const check[] = { "e2fsck", "-fn", image, NULL };
	struct size size;
	int done = 0;

	/* A new block group takes some of the room that it brings. */
	for (int i = 0; i < 4 && done == 0; i++) {
		done = try_write(kernel, image, initramfs, &size, err);
		if (done == 0 && resize(kernel, image, &size, err) < 0)
			return -1;
	}
	if (done == 0)
		return kernel_error(kernel, err, 0, image, "it does not grow", "cannot write to");
	return done < 0 ? -1 : tool_run(kernel, check, err);
}
