/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "deadline.h"
#include "vbd-transaction.h"

#define DEVICE_TEXT_MAX 32

struct device {
	char number[DEVICE_TEXT_MAX];
	char path[DEVICE_TEXT_MAX]; /* or "" */
};

static const char *const nodes[] = { "physical-device-path", "physical-device" };

static int write_device(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			struct error *err)
{
	const struct device *device = what;
	cleanup_free char *state = vbd_get(vbd, transaction, "state", NULL);
	cleanup_free char *there = NULL;

	if (state == NULL && errno != ENOENT)
		return vbd_error(err, errno, "cannot read xenstore node", "state");
	if (state == NULL)
		return error_set(err, 0, NULL, "it is gone", "cannot attach this disk");
	if (strcmp(state, "2") != 0)
		return error_set(err, 0, NULL,
				 "its state is not 2, so blkback does not wait for it",
				 "cannot attach this disk");
	there = vbd_get(vbd, transaction, "physical-device", NULL);
	if (there != NULL)
		return error_set(err, 0, NULL, "it has a physical-device already",
				 "cannot attach this disk");
	if (errno != ENOENT)
		return vbd_error(err, errno, "cannot read xenstore node", "physical-device");
	if (device->path[0] != '\0' &&
	    vbd_set(vbd, transaction, "physical-device-path", device->path, err) < 0)
		return -1;
	if (vbd_set(vbd, transaction, "physical-device", device->number, err) < 0)
		return -1;
	return vbd_set(vbd, transaction, "hotplug-status", "connected", err);
}

static void format_device(dev_t device, char text[DEVICE_TEXT_MAX])
{
	/* The form that blkback scans (xenbus.c, backend_changed). */
	snprintf(text, DEVICE_TEXT_MAX, "%x:%x", major(device), minor(device));
}

int vbd_publish(struct vbd *vbd, dev_t device, bool emulated, struct error *err)
{
	struct device what = { 0 };

	deadline_step("writing the device to xenstore");
	format_device(device, what.number);
	if (emulated)
		snprintf(what.path, sizeof(what.path), "/dev/dm-%u", minor(device));
	return vbd_transact(vbd, write_device, &what, err);
}

static int remove_device(const struct vbd *vbd, xs_transaction_t transaction, const void *what,
			 struct error *err)
{
	cleanup_free char *there = vbd_get(vbd, transaction, "physical-device", NULL);
	char path[128];

	if (there == NULL || strcmp(there, what) != 0)
		return error_set(err, 0, NULL, "it is another one", "cannot take back the device");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", vbd->path, nodes[i]);
		if (!xs_rm(vbd->xs, transaction, path) && errno != ENOENT)
			return vbd_error(err, errno, "cannot remove xenstore node", nodes[i]);
	}
	return 0;
}

void vbd_retract(struct vbd *vbd, dev_t device)
{
	char text[DEVICE_TEXT_MAX];
	struct error ignored;

	format_device(device, text);
	/* If xenstore fails now, the error that led here is the one to report. */
	(void)vbd_transact(vbd, remove_device, text, &ignored);
}
