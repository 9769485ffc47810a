/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <zlib.h>

#include "codec.h"

#define GZIP_ONLY (MAX_WBITS + 16)

static uInt at_most(size_t length)
{
	return length > UINT_MAX ? UINT_MAX : (uInt)length;
}

/* Returns zlib's own status. */
static int inflate_some(z_stream *stream, struct bytes *out)
{
	size_t room = out->room - out->length;
	int status;

	stream->next_out = out->data + out->length;
	stream->avail_out = at_most(room);
	status = inflate(stream, Z_NO_FLUSH);
	out->length = (size_t)(stream->next_out - out->data);
	return status;
}

static int inflate_all(z_stream *stream, struct bytes *out, struct error *err)
{
	int status;

	do {
		if (bytes_grow(out, 1, err) < 0)
			return -1;
		status = inflate_some(stream, out);
	} while (status == Z_OK);
	if (status == Z_STREAM_END)
		return 0;
	return codec_error(err, "gzip", status == Z_BUF_ERROR ? "it is cut off" : "it is damaged");
}

int codec_unpack_gzip(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		      struct error *err)
{
	z_stream stream = { .next_in = (uint8_t *)data, .avail_in = at_most(length) };
	int result;

	if (inflateInit2(&stream, GZIP_ONLY) != Z_OK)
		return codec_error(err, "gzip", "zlib does not start");
	result = inflate_all(&stream, out, err);
	*used = (size_t)(stream.next_in - data);
	inflateEnd(&stream);
	return result;
}

/* zlib's own header has neither name nor time. */
int codec_pack_gzip(const struct bytes *data, struct bytes *out, struct error *err)
{
	z_stream stream = { .next_in = data->data, .avail_in = at_most(data->length) };
	int status;

	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_ONLY, MAX_MEM_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return error_set(err, 0, NULL, "zlib does not start", "cannot compress");
	do {
		status = Z_MEM_ERROR;
		if (bytes_grow(out, 1, err) < 0)
			break;
		stream.next_out = out->data + out->length;
		stream.avail_out = at_most(out->room - out->length);
		status = deflate(&stream, Z_FINISH);
		out->length = (size_t)(stream.next_out - out->data);
	} while (status == Z_OK || status == Z_BUF_ERROR);
	deflateEnd(&stream);
	if (status == Z_STREAM_END)
		return 0;
	return status == Z_MEM_ERROR
		       ? -1
		       : error_set(err, 0, NULL, "zlib does not go on", "cannot compress");
}
