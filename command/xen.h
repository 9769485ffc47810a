/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between domain.c and record.c only: the two connections. */
#ifndef XE_XEN_H
#define XE_XEN_H

#include <libxl.h>
#include <xenstore.h>

struct xen {
	struct xentoollog_logger *logger;
	libxl_ctx *ctx;
	struct xs_handle *xs;
};

#endif
