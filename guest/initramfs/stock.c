/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "newc.h"
#include "stock.h"

const struct stock_limits stock_limits = { .unpacked = 1u << 30, .file = 16u << 20 };

const char *const stock_names[STOCK_NAMES] = {
	[STOCK_INIT] = "init",
	[STOCK_INIT_STOCK] = "init.stock",
	[STOCK_DISKS] = STOCK_FOLDER "/ephemeral-disks.sh",
	[STOCK_STEPS] = STOCK_FOLDER "/qubes-steps.sh",
};

struct reader {
	const uint8_t *data;
	size_t length;
	size_t at;
	const struct stock_limits *limits;
	struct stock *stock;
	size_t entries;
	bool ended; /* the last entry so far was an archive's end */
};

static int refuse(struct error *err, const char *reason)
{
	return error_set(err, 0, NULL, reason, "cannot understand");
}

static int keep_file(struct reader *reader, struct stock_file *file, const struct newc_entry *entry,
		     struct error *err)
{
	file->mode = entry->mode;
	file->links = entry->links;
	file->body.length = 0;
	file->body.limit = reader->limits->file;
	if (entry->length > file->body.limit)
		return error_set(err, 0, entry->name, "absurdly large", "cannot take");
	return bytes_append(&file->body, entry->body, entry->length, err);
}

static int take_entry(struct reader *reader, const struct newc_entry *entry, struct error *err)
{
	static const size_t folder = sizeof(STOCK_FOLDER) - 1;
	char name[NEWC_NAME_MAX];

	/* Linux passes over an entry that is neither file nor link and yet has a body. */
	if (!S_ISREG(entry->mode) && !S_ISLNK(entry->mode) && entry->length > 0)
		return 0;
	if (S_ISLNK(entry->mode) && (entry->length > NEWC_NAME_MAX || entry->length == 0 ||
				     memchr(entry->body, '\0', entry->length) != NULL))
		return refuse(err, "a symbolic link leads to no path");
	if (newc_clean_name(entry->name, name, err) < 0)
		return -1;
	if (strncmp(name, STOCK_FOLDER, folder) == 0 &&
	    (name[folder] == '\0' || name[folder] == '/'))
		reader->stock->prepared = true;
	if (strcmp(name, "bin/sh") == 0 || strcmp(name, "usr/bin/sh") == 0)
		reader->stock->shell = true;
	for (size_t i = 0; i < STOCK_NAMES; i++)
		if (strcmp(name, stock_names[i]) == 0)
			return keep_file(reader, &reader->stock->files[i], entry, err);
	return 0;
}

/* Reads entries from *at on, over the zeros between them, up to what is neither. */
static int read_entries(struct reader *reader, const uint8_t *data, size_t length, size_t *at,
			struct error *err)
{
	struct newc_entry entry;

	while (*at < length) {
		if (data[*at] == '\0') {
			++*at;
			continue;
		}
		if (data[*at] != '0' || (*at & 3) != 0)
			break;
		if (newc_read(data, length, at, &entry, err) < 0)
			return -1;
		reader->entries++;
		reader->ended = newc_is_end(&entry);
		if (!reader->ended && take_entry(reader, &entry, err) < 0)
			return -1;
	}
	return 0;
}

/* Where the file is to become one gzip member, its parts stay together, each on a multiple of 4. */
static size_t begin_part(struct reader *reader)
{
	struct bytes *unpacked = &reader->stock->unpacked;

	if (!reader->stock->gzip) {
		unpacked->limit -= unpacked->length;
		unpacked->length = 0;
	}
	return unpacked->length;
}

static int read_plain(struct reader *reader, struct error *err)
{
	struct bytes *unpacked = &reader->stock->unpacked;
	size_t start = reader->at, entries = reader->entries;

	if (read_entries(reader, reader->data, reader->length, &reader->at, err) < 0)
		return -1;
	reader->stock->padded = true;
	if (reader->entries > entries)
		reader->stock->last = NULL;
	if (!reader->stock->gzip)
		return 0;
	if (bytes_append(unpacked, reader->data + start, reader->at - start, err) < 0)
		return -1;
	return bytes_align(unpacked, err);
}

/* Refuses a codec that is none of ours, by the name it has. */
static int check_codec(const struct codec *codec, struct error *err)
{
	if (codec == NULL)
		return refuse(err, "it has a part that is neither a cpio archive nor compressed");
	return codec->unpack == NULL ? codec_error(err, codec->name, codec->refusal) : 0;
}

static int read_packed(struct reader *reader, struct error *err)
{
	struct bytes *unpacked = &reader->stock->unpacked;
	const uint8_t *data = reader->data + reader->at;
	size_t left = reader->length - reader->at, start = begin_part(reader), at = 0, used;
	const struct codec *codec = codec_find(data, left);

	if (check_codec(codec, err) < 0 || codec->unpack(data, left, &used, unpacked, err) < 0)
		return -1;
	reader->stock->last = codec;
	reader->stock->padded = false;
	reader->at += used;
	/* An empty stream is one too, and may leave nothing to point to. */
	if (unpacked->length > start &&
	    read_entries(reader, unpacked->data + start, unpacked->length - start, &at, err) < 0)
		return -1;
	if (at < unpacked->length - start)
		return refuse(err, "something other than a cpio archive is packed in it");
	/* Linux goes on with a legacy lz4 stream in the same buffer, so what follows starts there. */
	if ((unpacked->length & 3) != 0 && !reader->stock->gzip)
		return refuse(err, "a packed archive's length is no multiple of 4");
	return reader->stock->gzip ? bytes_align(unpacked, err) : 0;
}

static int read_parts(struct reader *reader, struct error *err)
{
	while (reader->at < reader->length) {
		uint8_t first = reader->data[reader->at];
		bool plain = first == '\0' || (first == '0' && (reader->at & 3) == 0);

		if ((plain ? read_plain(reader, err) : read_packed(reader, err)) < 0)
			return -1;
	}
	return 0;
}

int stock_read(const uint8_t *data, size_t length, const struct stock_limits *limits,
	       struct stock *stock, struct error *err)
{
	struct reader reader = { .data = data, .length = length, .limits = limits, .stock = stock };
	const struct codec *first = codec_find(data, length);

	memset(stock, 0, sizeof(*stock));
	stock->unpacked.limit = limits->unpacked;
	stock->gzip = first != NULL && first->unpack == codec_unpack_gzip;
	if (length == 0)
		return refuse(err, "it is empty");
	if (read_parts(&reader, err) < 0)
		return -1;
	return reader.ended ? 0 : refuse(err, "it is cut off: its last archive has no end");
}

/* Under another name busybox is another program. */
static bool is_busybox(const struct stock_file *init)
{
	static const char name[] = "busybox";
	size_t length = sizeof(name) - 1, at = init->body.length - length;

	return S_ISLNK(init->mode) && init->body.length >= length &&
	       memcmp(init->body.data + at, name, length) == 0 &&
	       (at == 0 || init->body.data[at - 1] == '/');
}

int stock_check(const struct stock *stock, struct error *err)
{
	const struct stock_file *init = &stock->files[STOCK_INIT];

	if (init->mode == 0)
		return refuse(err, "it has no /init");
	if (!S_ISREG(init->mode) && !S_ISLNK(init->mode))
		return refuse(err, "its /init is neither a file nor a symbolic link");
	/* Linux writes an entry of the same name into the file that is there, under all its names. */
	if (S_ISREG(init->mode) && init->links > 1)
		return refuse(err, "its /init is a hard link: another name has the same file");
	if (init->body.length == 0)
		return refuse(err, "its /init is empty");
	if (is_busybox(init))
		return refuse(err, "its /init is busybox, which goes by its name");
	if (!stock->shell)
		return refuse(err, "it has no /bin/sh");
	if (!stock->prepared && stock->files[STOCK_INIT_STOCK].mode != 0)
		return refuse(err, "it has an /init.stock already, and not by this program");
	return 0;
}

void stock_free(struct stock *stock)
{
	bytes_free(&stock->unpacked);
	for (size_t i = 0; i < STOCK_NAMES; i++)
		bytes_free(&stock->files[i].body);
}
