/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "vbd.h"

int vbd_find_owner(struct vbd *vbd, struct error *err)
{
	char node[64];
	cleanup_free char *target = NULL;
	unsigned long number;
	char *end;

	snprintf(node, sizeof(node), "/local/domain/%" PRIu32 "/target", vbd->domid);
	target = vbd_get(vbd, XBT_NULL, node, NULL);
	if (target == NULL && (errno == ENOENT || errno == EACCES))
		return 0;
	if (target == NULL)
		return vbd_error(err, errno, "cannot read xenstore node", "target");
	errno = 0;
	number = strtoul(target, &end, 10);
	if (target[0] < '0' || target[0] > '9' || *end != '\0' || errno != 0 || number > UINT32_MAX)
		return error_set(err, 0, NULL, "not a domain id",
				 "cannot use xenstore node target");
	vbd->owner = (uint32_t)number;
	return 0;
}

int vbd_check_same_disk(const struct vbd *vbd, struct error *err)
{
	char node[96];
	cleanup_free char *params = NULL;
	unsigned int length;

	snprintf(node, sizeof(node), "backend/vbd/%" PRIu32 "/%" PRIu32 "/params", vbd->owner,
		 vbd->devid);
	params = xs_read(vbd->xs, XBT_NULL, node, &length);
	if (params == NULL)
		return error_set(err, errno, NULL, NULL, "cannot read the disk of domain %" PRIu32,
				 vbd->owner);
	if (length != vbd->params_length || memcmp(params, vbd->params, length) != 0)
		return error_set(err, 0, NULL, "its target is another one",
				 "cannot share the disk of domain %" PRIu32, vbd->owner);
	return 0;
}
