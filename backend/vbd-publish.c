/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "blkback.h"
#include "cleanup.h"
#include "deadline.h"
#include "vbd.h"

/* Each round lost means that somebody else's transaction got through. */
#define PUBLISH_ROUNDS 100

/* Half of libxl's 40 s, so that there is time left to say why. */
#define AWAIT_MS 20000

/* A tenth of a second's worth of looks at sysfs for one at xenstore. */
#define LOOKS_PER_STATE 8

#define DEVICE_TEXT_MAX 32

/* What a transaction has to do; a function that returns -1 with err filled stops it for good. */
typedef int (*change_fn)(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			 struct error *err);

static int set(const struct vbd *vbd, xs_transaction_t transaction, const char *node,
	       const char *value, struct error *err)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", vbd->path, node);
	if (xs_write(vbd->xs, transaction, path, value, (unsigned int)strlen(value)))
		return 0;
	return vbd_error(err, errno, "cannot write xenstore node", node);
}

static int transact(const struct vbd *vbd, change_fn change, const void *what, struct error *err)
{
	for (int round = 0; round < PUBLISH_ROUNDS; round++) {
		xs_transaction_t transaction = xs_transaction_start(vbd->xs);

		if (transaction == XBT_NULL)
			return vbd_error(err, errno, "cannot start a xenstore", "transaction");
		if (change(vbd, transaction, what, err) < 0) {
			xs_transaction_end(vbd->xs, transaction, true);
			return -1;
		}
		if (xs_transaction_end(vbd->xs, transaction, false))
			return 0;
		if (errno != EAGAIN)
			return vbd_error(err, errno, "cannot end a xenstore", "transaction");
	}
	return error_set(err, EAGAIN, NULL, "xenstore is too busy", "cannot end a transaction");
}

static int write_device(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			struct error *err)
{
	cleanup_free char *state = vbd_get(vbd, transaction, "state", NULL);
	cleanup_free char *there = NULL;

	if (state == NULL || strcmp(state, "2") != 0)
		return error_set(err, 0, NULL, "it is gone or no longer waits for a device",
				 "cannot attach this disk");
	there = vbd_get(vbd, transaction, "physical-device", NULL);
	if (there != NULL || errno != ENOENT)
		return error_set(err, 0, NULL, "something else connected it",
				 "cannot attach this disk");
	if (set(vbd, transaction, "physical-device", what, err) < 0)
		return -1;
	return set(vbd, transaction, "hotplug-status", "connected", err);
}

static void format_device(dev_t device, char text[DEVICE_TEXT_MAX])
{
	/* The form that blkback scans (xenbus.c, backend_changed). */
	snprintf(text, DEVICE_TEXT_MAX, "%x:%x", major(device), minor(device));
}

int vbd_publish(struct vbd *vbd, dev_t device, struct error *err)
{
	char text[DEVICE_TEXT_MAX];

	deadline_step("writing the device to xenstore");
	format_device(device, text);
	return transact(vbd, write_device, text, err);
}

static int remove_device(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			 struct error *err)
{
	cleanup_free char *there = vbd_get(vbd, transaction, "physical-device", NULL);
	char path[128];

	if (there == NULL || strcmp(there, what) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/physical-device", vbd->path);
	if (xs_rm(vbd->xs, transaction, path))
		return 0;
	return vbd_error(err, errno, "cannot remove xenstore node", "physical-device");
}

void vbd_retract(struct vbd *vbd, dev_t device)
{
	char text[DEVICE_TEXT_MAX];
	struct error ignored;

	format_device(device, text);
	/* If xenstore fails now, the error that led here is the one to report. */
	(void)transact(vbd, remove_device, text, &ignored);
}

static int check_opened(const struct vbd *vbd, const struct blkback_disk *disk, dev_t device,
			struct error *err)
{
	if (disk->device != device)
		return error_set(err, 0, NULL, "blkback has opened another device",
				 "cannot attach this disk");
	if (disk->writable != (vbd->mode[0] == 'w'))
		return error_set(err, 0, NULL, "blkback has opened it in another mode",
				 "cannot attach this disk");
	return 0;
}

/* blkback that cannot open a device goes to Closing (xenbus_dev_fatal); libxl does not look. */
static int check_waiting(const struct vbd *vbd, struct error *err)
{
	cleanup_free char *state = vbd_get(vbd, XBT_NULL, "state", NULL);

	if (state == NULL && errno != ENOENT)
		return vbd_error(err, errno, "cannot read xenstore node", "state");
	if (state == NULL || strcmp(state, "5") == 0 || strcmp(state, "6") == 0)
		return error_set(err, 0, NULL, "blkback could not open it, or it is being removed",
				 "cannot attach this disk");
	return 0;
}

int vbd_await(struct vbd *vbd, dev_t device, struct error *err)
{
	uint64_t end = deadline_now() + AWAIT_MS;
	struct blkback_disk disk;
	unsigned int step = 0, looks = 0;
	int found;

	deadline_step("waiting for blkback to open the device");
	do {
		found = blkback_look(vbd->domid, vbd->devid, &disk, err);
		if (found != 0)
			return found < 0 ? -1 : check_opened(vbd, &disk, device, err);
		if (++looks % LOOKS_PER_STATE == 0 && check_waiting(vbd, err) < 0)
			return -1;
	} while (deadline_pause(end, &step));
	return error_set(err, ETIMEDOUT, NULL, "blkback did not open it in 20 s",
			 "cannot attach this disk");
}

static int write_failure(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			 struct error *err)
{
	cleanup_free char *state = vbd_get(vbd, transaction, "state", NULL);

	if (state == NULL)
		return -1;
	if (set(vbd, transaction, "hotplug-error", what, err) < 0)
		return -1;
	return vbd->connected ? 0 : set(vbd, transaction, "hotplug-status", "error", err);
}

void vbd_fail(struct vbd *vbd, const struct error *err)
{
	char public[512], text[600];
	struct error ignored;

	error_public(err, public, sizeof(public));
	snprintf(text, sizeof(text), "xen-ephemeral: disk %u of domain %u: %s", vbd->devid,
		 vbd->domid, public);
	/* Whoever started this sees the exit status and the line on stderr in any case. */
	(void)transact(vbd, write_failure, text, &ignored);
}
