/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <zstd.h>

#include "codec.h"

/* Returns 0 at the end of the frame, 1 where there is more to come, -1. */
static int decode_some(ZSTD_DStream *stream, ZSTD_inBuffer *in, struct bytes *out,
		       struct error *err)
{
	ZSTD_outBuffer to = { .dst = out->data, .size = out->room, .pos = out->length };
	size_t status = ZSTD_decompressStream(stream, &to, in);

	if (ZSTD_isError(status))
		return codec_error(err, "zstd", "it is damaged");
	out->length = to.pos;
	if (status == 0)
		return 0;
	if (in->pos == in->size && to.pos < to.size)
		return codec_error(err, "zstd", "it is cut off");
	return 1;
}

int codec_unpack_zstd(const uint8_t *data, size_t length, size_t *used, struct bytes *out,
		      struct error *err)
{
	ZSTD_inBuffer in = { .src = data, .size = length, .pos = 0 };
	ZSTD_DStream *stream = ZSTD_createDStream();
	int more;

	if (stream == NULL)
		return codec_error(err, "zstd", "libzstd does not start");
	do {
		more = bytes_grow(out, 1, err);
		if (more == 0)
			more = decode_some(stream, &in, out, err);
	} while (more > 0);
	ZSTD_freeDStream(stream);
	*used = in.pos;
	return more;
}
