/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an initramfs is made of, as far as it matters here: how it is packed, and the last /init of all
 * its archives, which is the one that Linux runs.
 *
 * Nothing is unpacked as files. Device nodes are entries like others: only the kernel of the guest
 * makes them.
 */
#ifndef XE_STOCK_H
#define XE_STOCK_H

#include "bytes.h"
#include "codec.h"

/* Our folder in the initramfs: at the top, where no archive has a symbolic link for one of its parts,
 * which an entry of ours would replace (clean_path() in init/initramfs.c). */
#define STOCK_FOLDER ".xen-ephemeral"

enum stock_name {
	STOCK_INIT,
	STOCK_INIT_STOCK, /* the one that ours took the place of */
	STOCK_DISKS,
	STOCK_STEPS,
	STOCK_NAMES,
};

/* An entry; one that is not there has the mode 0. */
struct stock_file {
	uint32_t mode;
	uint32_t links;
	struct bytes body; /* a file's bytes, or where a symbolic link leads to */
};

struct stock {
	bool gzip;		  /* the file begins with a gzip member */
	struct bytes unpacked;	  /* gzip: all of its archives, one behind the other */
	const struct codec *last; /* how the last part is packed, NULL where it is not */
	bool padded;		  /* zeros follow the last part */
	struct stock_file files[STOCK_NAMES];
	bool prepared; /* our folder is in it */
	bool shell;    /* there is a /bin/sh, or a /usr/bin/sh behind the link that /bin then is */
};

struct stock_limits {
	size_t unpacked; /* of all parts together, in bytes */
	size_t file;	 /* of one of the files above */
};

/* What Xen's tools unpack at most (XC_DOM_DECOMPRESS_MAX, xenguest.h), and more than any script has. */
extern const struct stock_limits stock_limits;

/* The names of the files, relative to "/". */
extern const char *const stock_names[STOCK_NAMES];

/* Reads an initramfs of length bytes into *stock. Returns 0, or -1; *stock is to be freed either way. */
int stock_read(const uint8_t *data, size_t length, const struct stock_limits *limits,
	       struct stock *stock, struct error *err);

/* Refuses an initramfs whose /init cannot be given another name, or that cannot run ours. Returns 0 or
 * -1. */
int stock_check(const struct stock *stock, struct error *err);

void stock_free(struct stock *stock);

#define cleanup_stock __attribute__((cleanup(stock_free)))

#endif
