/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "deadline.h"
#include "vbd.h"

int vbd_connect(struct vbd *vbd, struct error *err)
{
	deadline_step("connecting to xenstored");
	vbd->xs = xs_open(0);
	if (vbd->xs == NULL)
		return error_set(err, errno, NULL, "is xenstored running?",
				 "cannot connect to xenstore");
	return 0;
}

int vbd_error(struct error *err, int number, const char *action, const char *what)
{
	/* libxenstore says EBADF when the other side closed the connection (xs.c, read_all). */
	if (number == EBADF || number == EPIPE || number == ECONNRESET)
		return error_set(err, 0, NULL, "xenstored went away", "%s %s", action, what);
	return error_set(err, number, NULL, NULL, "%s %s", action, what);
}

char *vbd_get(const struct vbd *vbd, xs_transaction_t transaction, const char *node,
	      unsigned int *length)
{
	char path[128];
	unsigned int ignored;

	snprintf(path, sizeof(path), "%s%s%s", node[0] == '/' ? "" : vbd->path,
		 node[0] == '/' ? "" : "/", node);
	return xs_read(vbd->xs, transaction, path, length ? length : &ignored);
}

static int has_no_frontend(struct vbd *vbd, int number, struct error *err)
{
	cleanup_free char *state = NULL;

	if (number == ENOENT)
		state = vbd_get(vbd, XBT_NULL, "state", NULL);
	if (number == ENOENT && state == NULL && errno == ENOENT)
		return error_set(err, 0, NULL, "there is no such disk in xenstore",
				 "cannot attach this disk");
	return vbd_error(err, number, "cannot read xenstore node", "frontend-id");
}

static int check_frontend(struct vbd *vbd, struct error *err)
{
	cleanup_free char *frontend = vbd_get(vbd, XBT_NULL, "frontend-id", NULL);
	char expected[16];

	if (frontend == NULL)
		return has_no_frontend(vbd, errno, err);
	snprintf(expected, sizeof(expected), "%" PRIu32, vbd->domid);
	if (strcmp(frontend, expected) != 0)
		return error_set(err, 0, NULL, "frontend-id is not the domain of XENBUS_PATH",
				 "cannot attach this disk");
	return 0;
}

static int read_mode(struct vbd *vbd, struct error *err)
{
	unsigned int length;
	cleanup_free char *mode = vbd_get(vbd, XBT_NULL, "mode", &length);

	if (mode == NULL)
		return vbd_error(err, errno, "cannot read xenstore node", "mode");
	/* A NUL inside would hide from role_check() what blkback looks at. */
	if (length >= sizeof(vbd->mode) || strlen(mode) != length)
		return error_set(err, 0, NULL, "a mode is r or w", "cannot use mode");
	memcpy(vbd->mode, mode, length + 1);
	return 0;
}

int vbd_read(struct vbd *vbd, struct error *err)
{
	deadline_step("reading the disk's nodes from xenstore");
	/* Whether it waits for a device, and has none, is asked where that is written, in one transaction. */
	if (check_frontend(vbd, err) < 0)
		return -1;
	vbd->params = vbd_get(vbd, XBT_NULL, "params", &vbd->params_length);
	if (vbd->params == NULL)
		return vbd_error(err, errno, "cannot read xenstore node", "params");
	return read_mode(vbd, err);
}

void vbd_close(struct vbd *vbd)
{
	free(vbd->params);
	vbd->params = NULL;
	if (vbd->xs != NULL)
		xs_close(vbd->xs);
	vbd->xs = NULL;
}
