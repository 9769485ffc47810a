/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prepared.h"

static int make_gzip(const struct stock *stock, const struct bytes *ours, struct bytes *out,
		     struct error *err)
{
	cleanup_bytes struct bytes all = { .limit = out->limit };

	if (bytes_append(&all, stock->unpacked.data, stock->unpacked.length, err) < 0 ||
	    bytes_append(&all, ours->data, ours->length, err) < 0)
		return -1;
	return codec_pack_gzip(&all, out, err);
}

/*
 * A legacy lz4 stream has no end but the file's, so what follows it has to be lz4 too. Zeros end it for
 * newer kernels; where there are some, there are to be four. Behind all else an archive needs nothing
 * but its place on a multiple of 4.
 */
static int make_appended(const struct bytes *data, const struct stock *stock,
			 const struct bytes *ours, struct bytes *out, struct error *err)
{
	bool lz4 = stock->last != NULL && stock->last->unpack == codec_unpack_lz4;

	if (bytes_append(out, data->data, data->length, err) < 0)
		return -1;
	if (lz4 && !stock->padded)
		return codec_pack_lz4(ours, out, err);
	if (lz4 && bytes_append(out, "\0\0\0\0", 4, err) < 0)
		return -1;
	if (bytes_align(out, err) < 0)
		return -1;
	return bytes_append(out, ours->data, ours->length, err);
}

int prepared_make(const struct bytes *data, const struct stock *stock,
		  const struct addition *addition, struct bytes *out, struct error *err)
{
	cleanup_bytes struct bytes ours = { .limit = 2 * stock_limits.file };

	if (addition_pack(addition, &stock->files[STOCK_INIT], &ours, err) < 0)
		return -1;
	return stock->gzip ? make_gzip(stock, &ours, out, err)
			   : make_appended(data, stock, &ours, out, err);
}
