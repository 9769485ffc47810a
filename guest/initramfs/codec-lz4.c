/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The legacy format, the only one that Linux takes (lib/decompress_unlz4.c): a magic number, then
 * chunks of at most 8 MiB, each behind its packed length, and no end mark. It ends with the file, or
 * with a length of zero; the magic number may come again.
 */
#include <lz4.h>
#include <string.h>

#include "codec.h"

#define MAGIC	  0x184c2102u
#define CHUNK_MAX (8 << 20)

static uint32_t read_le32(const uint8_t *data)
{
	return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
	       (uint32_t)data[3] << 24;
}

static void write_le32(uint8_t *data, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		data[i] = (uint8_t)(value >> (8 * i));
}

/* A chunk may unpack to less than the 8 MiB, which no limit has to leave room for. */
static int unpack_chunk(const uint8_t *data, uint32_t packed, struct bytes *out, struct error *err)
{
	size_t room = out->limit - out->length < CHUNK_MAX ? out->limit - out->length : CHUNK_MAX;
	int length;

	if (room == 0 || bytes_grow(out, room, err) < 0)
		return codec_error(err, "lz4", "it is larger than this program takes");
	length = LZ4_decompress_safe((const char *)data, (char *)out->data + out->length,
				     (int)packed, (int)room);
	if (length < 0)
		return codec_error(err, "lz4", "it is damaged, or too large");
	out->length += (size_t)length;
	return 0;
}

int codec_unpack_lz4(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		     struct error *err)
{
	size_t at = 4;
	uint32_t packed;

	while (length - at >= 4) {
		packed = read_le32(data + at);
		if (packed == 0)
			break;
		at += 4;
		if (packed == MAGIC)
			continue;
		if (packed > LZ4_COMPRESSBOUND(CHUNK_MAX))
			return codec_error(err, "lz4", "what follows it is not of it");
		if (packed > length - at)
			return codec_error(err, "lz4", "it is cut off");
		if (unpack_chunk(data + at, packed, out, err) < 0)
			return -1;
		at += packed;
	}
	*used = at;
	return 0;
}

int codec_pack_lz4(const struct bytes *data, struct bytes *out, struct error *err)
{
	int bound, packed;

	if (data->length > CHUNK_MAX)
		return error_set(err, 0, NULL, "more than one chunk of lz4", "cannot compress");
	bound = LZ4_compressBound((int)data->length);
	if (bytes_grow(out, (size_t)bound + 8, err) < 0)
		return -1;
	packed = LZ4_compress_default((const char *)data->data, (char *)out->data + out->length + 8,
				      (int)data->length, bound);
	write_le32(out->data + out->length, MAGIC);
	write_le32(out->data + out->length + 4, (uint32_t)packed);
	out->length += 8 + (size_t)packed;
	return 0;
}
