/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "blkback.h"
#include "cleanup.h"
#include "deadline.h"
#include "vbd.h"

/* With the other waits of an attach (the store's lock, the wipe) under DEADLINE_HOTPLUG. */
#define AWAIT_MS 15000

/* Looks at sysfs for one at xenstore. */
#define LOOKS_PER_STATE 8

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
	return error_set(err, ETIMEDOUT, NULL, "blkback did not open it in 15 s",
			 "cannot attach this disk");
}
