/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A prepared initramfs: the stock one, and behind it our archive. */
#ifndef XE_PREPARED_H
#define XE_PREPARED_H

#include "addition.h"
#include "stock.h"

/*
 * Appends the prepared form of the initramfs data, which was read into *stock, to out, which is empty.
 *
 * libxc before Xen 4.20 unpacks a ramdisk that begins with gzip itself (xc_dom_build_module()): the
 * first member only, into as many bytes as the file's last four tell. With a second member, or anything
 * else behind the first, it prints an error, or leaves the rest away in silence. So such a file becomes
 * one member over all of its archives and ours. Every other file is left as it is, byte for byte, and
 * our archive stands behind it. Returns 0 or -1.
 */
int prepared_make(const struct bytes *data, const struct stock *stock,
		  const struct addition *addition, struct bytes *out, struct error *err);

#endif
