/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "blkback.h"
#include "deadline.h"
#include "mapping.h"
#include "verb.h"

/* blkback closes a device some time after it has said that the disk is closed (state 6). */
#define CLOSE_MS 2000

/* How long requests in flight may keep a device from being wiped. */
#define WIPE_MS 10000

/* A guest and its stubdomain have one volume: it is not for the first of them to end it. */
static int has_another_user(const struct vbd *vbd, dev_t device, struct error *err)
{
	struct blkback_users users;
	struct blkback_disk own;
	int found;

	if (blkback_users(device, &users, err) < 0)
		return -1;
	found = blkback_look(vbd->domid, vbd->devid, &own, err);
	if (found < 0)
		return -1;
	return users.readers + users.writers > (found == 1 && own.device == device ? 1u : 0u);
}

static int end_mapping(const char *name, void *context, struct error *err)
{
	struct mapping_state state;
	int result;

	deadline_step("removing the encrypted device");
	if (mapping_forget(name, err) < 0)
		return -1;
	result = mapping_await_end(name, CLOSE_MS, &state, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	result = has_another_user(context, state.device, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	if (mapping_wipe(name, WIPE_MS, err) == 0)
		return 0;
	/* Gone by itself in the meantime. */
	return err->number == ENXIO ? 0 : -1;
}

int verb_remove(struct vbd *vbd, struct error *err)
{
	struct mapping_owner owner = { .domid = vbd->domid, .devid = vbd->devid };

	if (mapping_each(owner, end_mapping, vbd, err) < 0)
		return -1;
	/* A stubdomain's disk is its guest's. Without xenstore there is no telling, and what there is
	 * was armed when it was made. */
	if (vbd_connect(vbd, err) < 0 || vbd_find_owner(vbd, err) < 0 || vbd->owner == vbd->domid)
		return 0;
	owner.domid = vbd->owner;
	return mapping_each(owner, end_mapping, vbd, err);
}
