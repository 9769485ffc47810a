/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "vbd-transaction.h"

static int write_failure(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			 struct error *err)
{
	cleanup_free char *state = vbd_get(vbd, transaction, "state", NULL);
	cleanup_free char *device = NULL;

	if (state == NULL)
		return vbd_error(err, errno, "cannot read xenstore node", "state");
	if (vbd_set(vbd, transaction, "hotplug-error", what, err) < 0)
		return -1;
	/* With a device, another attach of the same disk went well, and the status is its own. */
	device = vbd_get(vbd, transaction, "physical-device", NULL);
	return device ? 0 : vbd_set(vbd, transaction, "hotplug-status", "error", err);
}

void vbd_fail(struct vbd *vbd, const struct error *err)
{
	char public[512], text[600];
	struct error ignored;

	error_public(err, public, sizeof(public));
	snprintf(text, sizeof(text), "xen-ephemeral: disk %u of domain %u: %s", vbd->devid,
		 vbd->domid, public);
	/* Whoever started this sees the exit status and the line on stderr in any case. */
	(void)vbd_transact(vbd, write_failure, text, &ignored);
}
