/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "blkback.h"
#include "cow.h"
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

static int has_snapshot(const char *snapshot, struct error *err)
{
	struct mapping_state state;

	if (mapping_look(snapshot, &state, err) < 0)
		return -1;
	return state.exists && state.ours;
}

/* Arms or removes the device; what a snapshot stands on goes by itself after that. */
static int forget(const char *name, const char *store, struct error *err)
{
	if (mapping_forget(name, err) < 0)
		return -1;
	return store[0] != '\0' ? mapping_forget(store, err) : 0;
}

/* store: the device below a snapshot, or "". */
static int end_disk(const char *name, const char *store, const struct vbd *vbd, struct error *err)
{
	struct mapping_state state;
	int result;

	if (forget(name, store, err) < 0)
		return -1;
	result = mapping_await_end(name, CLOSE_MS, &state, err);
	if (result > 0 && store[0] != '\0')
		return end_disk(store, "", vbd, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	result = has_another_user(vbd, state.device, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	if ((store[0] != '\0' ? cow_wipe : mapping_wipe)(name, WIPE_MS, err) == 0)
		return 0;
	/* Gone by itself in the meantime. */
	return err->number == ENXIO ? 0 : -1;
}

static int end_mapping(const char *name, void *context, struct error *err)
{
	struct mapping_identity identity;
	char other[MAPPING_NAME_MAX] = "";
	int result;

	deadline_step("removing the encrypted device");
	(void)mapping_name_other_part(name, other);
	if (!mapping_parse_name(name, &identity) || identity.part != MAPPING_STORE)
		return end_disk(name, other, context, err);
	/* The store of a snapshot that is there ends with it, and not before. */
	result = has_snapshot(other, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	return end_disk(name, "", context, err);
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
