/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vbd-transaction.h"

/* Each round lost means that somebody else's transaction got through. */
#define TRANSACTION_ROUNDS 100

int vbd_set(const struct vbd *vbd, xs_transaction_t transaction, const char *node,
	    const char *value, struct error *err)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", vbd->path, node);
	if (xs_write(vbd->xs, transaction, path, value, (unsigned int)strlen(value)))
		return 0;
	return vbd_error(err, errno, "cannot write xenstore node", node);
}

int vbd_transact(const struct vbd *vbd, vbd_change change, const void *what, struct error *err)
{
	for (int round = 0; round < TRANSACTION_ROUNDS; round++) {
		xs_transaction_t transaction = xs_transaction_start(vbd->xs);

		if (transaction == XBT_NULL)
			return vbd_error(err, errno, "cannot start a xenstore transaction",
					 "for the disk");
		if (change(vbd, transaction, what, err) < 0) {
			xs_transaction_end(vbd->xs, transaction, true);
			return -1;
		}
		if (xs_transaction_end(vbd->xs, transaction, false))
			return 0;
		if (errno != EAGAIN)
			return vbd_error(err, errno, "cannot end a xenstore transaction",
					 "for the disk");
	}
	return error_set(err, EAGAIN, NULL, "xenstore is too busy",
			 "cannot end a xenstore transaction");
}
