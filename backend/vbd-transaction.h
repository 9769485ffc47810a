/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the vbd's files only: changes to xenstore that happen whole or not at all. */
#ifndef XE_VBD_TRANSACTION_H
#define XE_VBD_TRANSACTION_H

#include "vbd.h"

/* What a transaction has to do; -1 with err filled stops it for good. */
typedef int (*vbd_change)(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			  struct error *err);

/* Runs change in a transaction, again while others get in between (EAGAIN). Returns 0 or -1. */
int vbd_transact(const struct vbd *vbd, vbd_change change, const void *what, struct error *err);

/* Writes one of the disk's nodes. Returns 0 or -1. */
int vbd_set(const struct vbd *vbd, xs_transaction_t transaction, const char *node,
	    const char *value, struct error *err);

#endif
