/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compressions of an initramfs, each one stream at a time.
 *
 * An initramfs is parts one after another, each compressed in its own way, and a part says nowhere how
 * long it is: only its decompressor finds its end. libarchive's filters do not tell it (they take what
 * follows for more of the same, or for an error), so the codecs' own libraries are used.
 */
#ifndef XE_CODEC_H
#define XE_CODEC_H

#include "bytes.h"

struct codec {
	const char *name;
	const char *magic;
	size_t magic_length;
	/*
	 * Unpacks the one stream that data begins with behind what *out holds, and sets *used to the
	 * stream's length. Returns 0 or -1. NULL: known by name only.
	 */
	int (*unpack)(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		      struct error *err);
	const char *refusal; /* why there is no unpack */
};

/* The codec whose magic data begins with, or NULL. */
const struct codec *codec_find(const uint8_t *data, size_t length);

/* What an action on a stream is called: "cannot unpack its xz part". Fills *err, returns -1. */
int codec_error(struct error *err, const char *name, const char *reason);

int codec_unpack_gzip(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		      struct error *err);
int codec_unpack_xz(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		    struct error *err);
int codec_unpack_zstd(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		      struct error *err);
int codec_unpack_lz4(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		     struct error *err);

/* Appends data as one gzip member without name and time. Returns 0 or -1. */
int codec_pack_gzip(const struct bytes *data, struct bytes *out, struct error *err);

/* Appends data, at most 8 MiB, as one legacy lz4 stream. Returns 0 or -1. */
int codec_pack_lz4(const struct bytes *data, struct bytes *out, struct error *err);

#endif
