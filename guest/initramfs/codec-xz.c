/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <lzma.h>

#include "codec.h"

/* xz -9 needs 65 MiB; a header can ask for 4 GiB. */
#define MEMORY_MAX (256u << 20)

static int decode_all(lzma_stream *stream, struct bytes *out, struct error *err)
{
	lzma_ret status;

	do {
		if (bytes_grow(out, 1, err) < 0)
			return -1;
		stream->next_out = out->data + out->length;
		stream->avail_out = out->room - out->length;
		status = lzma_code(stream, LZMA_FINISH);
		out->length = out->room - stream->avail_out;
	} while (status == LZMA_OK);
	if (status == LZMA_STREAM_END)
		return 0;
	if (status == LZMA_MEMLIMIT_ERROR)
		return codec_error(err, "xz", "it needs more than 256 MiB of memory");
	return codec_error(err, "xz", status == LZMA_BUF_ERROR ? "it is cut off" : "it is damaged");
}

int codec_unpack_xz(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		    struct error *err)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	int result;

	if (lzma_stream_decoder(&stream, MEMORY_MAX, 0) != LZMA_OK)
		return codec_error(err, "xz", "liblzma does not start");
	stream.next_in = data;
	stream.avail_in = length;
	result = decode_all(&stream, out, err);
	*used = (size_t)stream.total_in;
	lzma_end(&stream);
	return result;
}
