/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libarchive writes the archive; it numbers the inodes itself, from 1 on. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "addition.h"

static int write_failed(struct archive *archive, struct error *err)
{
	error_set(err, archive_errno(archive), NULL, NULL, "cannot write the added archive");
	error_add_detail(err, archive_error_string(archive));
	return -1;
}

static la_ssize_t take_output(struct archive *archive, void *context, const void *data,
			      size_t length)
{
	struct error err;

	if (bytes_append(context, data, length, &err) < 0) {
		archive_set_error(archive, ENOMEM, "no room for it");
		return -1;
	}
	return (la_ssize_t)length;
}

/* A symbolic link's body is where it leads to. */
static void describe(struct archive_entry *entry, const char *name, mode_t mode,
		     const struct bytes *body)
{
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, S_ISREG(mode) ? (la_int64_t)body->length : 0);
	if (S_ISLNK(mode))
		archive_entry_set_symlink(entry, (const char *)body->data);
}

static int add(struct archive *archive, const char *name, mode_t mode, const struct bytes *body,
	       struct error *err)
{
	struct archive_entry *entry = archive_entry_new();
	int status = ARCHIVE_FATAL;

	if (entry != NULL) {
		describe(entry, name, mode, body);
		status = archive_write_header(archive, entry);
		archive_entry_free(entry);
	}
	if (status != ARCHIVE_OK)
		return write_failed(archive, err);
	if (S_ISREG(mode) &&
	    archive_write_data(archive, body->data, body->length) != (la_ssize_t)body->length)
		return write_failed(archive, err);
	return 0;
}

/* Sorted by name, a folder before what is in it. */
static int add_all(struct archive *archive, const struct addition *addition, mode_t init_mode,
		   const struct bytes *init, struct error *err)
{
	static const struct bytes none;
	const struct bytes *files = addition->files;

	if (add(archive, STOCK_FOLDER, S_IFDIR | 0755, &none, err) < 0 ||
	    add(archive, stock_names[STOCK_DISKS], S_IFREG | 0644, &files[STOCK_DISKS], err) < 0 ||
	    add(archive, stock_names[STOCK_STEPS], S_IFREG | 0644, &files[STOCK_STEPS], err) < 0 ||
	    add(archive, stock_names[STOCK_INIT], S_IFREG | 0755, &files[STOCK_INIT], err) < 0)
		return -1;
	return add(archive, stock_names[STOCK_INIT_STOCK], init_mode, init, err);
}

static int pack(struct archive *archive, const struct addition *addition, mode_t init_mode,
		const struct bytes *init, struct bytes *out, struct error *err)
{
	if (archive_write_set_format_cpio_newc(archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(archive, 512) != ARCHIVE_OK ||
	    archive_write_open(archive, out, NULL, take_output, NULL) != ARCHIVE_OK)
		return write_failed(archive, err);
	if (add_all(archive, addition, init_mode, init, err) < 0)
		return -1;
	return archive_write_close(archive) == ARCHIVE_OK ? 0 : write_failed(archive, err);
}

int addition_pack(const struct addition *addition, const struct stock_file *init, struct bytes *out,
		  struct error *err)
{
	struct bytes body = { .limit = init->body.length + 1 };
	struct archive *archive = archive_write_new();
	mode_t mode = init->mode;
	int result = -1;

	if (archive == NULL)
		return error_set(err, ENOMEM, NULL, NULL, "cannot write the added archive");
	/* A path ends with a NUL for libarchive, and has none in an archive. */
	if (bytes_append(&body, init->body.data, init->body.length, err) == 0 &&
	    bytes_append(&body, "", 1, err) == 0) {
		body.length--;
		result = pack(archive, addition, mode, &body, out, err);
	}
	archive_write_free(archive);
	bytes_free(&body);
	return result;
}
