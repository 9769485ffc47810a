/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "codec.h"

#define MAGIC(text) text, sizeof(text) - 1

/* What Linux knows (lib/decompress.c), and what only looks as if it did. */
static const struct codec codecs[] = {
	{ "gzip", MAGIC("\x1f\x8b"), codec_unpack_gzip, NULL },
	{ "xz",
	  MAGIC("\xfd"
		"7zXZ\0"),
	  codec_unpack_xz, NULL },
	{ "zstd", MAGIC("\x28\xb5\x2f\xfd"), codec_unpack_zstd, NULL },
	{ "lz4", MAGIC("\x02\x21\x4c\x18"), codec_unpack_lz4, NULL },
	{ "lz4 frame", MAGIC("\x04\x22\x4d\x18"), NULL,
	  "Linux takes the legacy format of lz4 -l only" },
	{ "bzip2", MAGIC("BZh"), NULL, "this compression is not supported here" },
	{ "lzma", MAGIC("\x5d\0\0"), NULL, "this compression is not supported here" },
	{ "lzo", MAGIC("\x89LZO"), NULL, "this compression is not supported here" },
};

const struct codec *codec_find(const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (length >= codecs[i].magic_length &&
		    memcmp(data, codecs[i].magic, codecs[i].magic_length) == 0)
			return &codecs[i];
	return NULL;
}

int codec_error(struct error *err, const char *name, const char *reason)
{
	return error_set(err, 0, NULL, reason, "cannot unpack the %s part of", name);
}
