/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cow.h"
#include "deadline.h"
#include "mapping.h"
#include "origin.h"
#include "role.h"
#include "verb.h"
#include "volume.h"

/* How long a disk that was refused after all may keep its key. */
#define WIPE_MS 5000

/* emulated: whether QEMU may serve it too. */
static int hand_over(struct vbd *vbd, dev_t device, bool emulated, struct error *err)
{
	if (vbd_publish(vbd, device, emulated, err) < 0)
		return -1;
	if (vbd_await(vbd, device, err) == 0)
		return 0;
	vbd_retract(vbd, device);
	return -1;
}

static int add_origin(struct vbd *vbd, const struct role *role, struct error *err)
{
	struct origin origin;
	int result;

	deadline_step("opening the origin");
	if (origin_open(role->origin, &origin, err) < 0)
		return -1;
	result = hand_over(vbd, origin.device, false, err);
	origin_close(&origin);
	return result;
}

static int add_new_volume(struct vbd *vbd, const struct role *role, struct error *err)
{
	struct mapping_owner owner = { .domid = vbd->owner, .devid = vbd->devid };
	struct volume volume;
	struct error ignored;
	int result;

	if (volume_build(role, owner, &volume, err) < 0)
		return -1;
	result = hand_over(vbd, volume.mapping.device, false, err);
	/* blkback may have opened it all the same: then at least the key goes now. */
	if (result < 0)
		(void)mapping_wipe(volume.mapping.name, WIPE_MS, &ignored);
	mapping_close(&volume.mapping);
	return result;
}

static int add_new_cow(struct vbd *vbd, const struct role *role, struct error *err)
{
	struct mapping_owner owner = { .domid = vbd->owner, .devid = vbd->devid };
	struct error ignored;
	struct cow cow;
	int result;

	if (cow_build(role, owner, &cow, err) < 0)
		return -1;
	result = hand_over(vbd, cow.mapping.device, true, err);
	if (result < 0)
		(void)cow_wipe(cow.mapping.name, WIPE_MS / 2, &ignored);
	mapping_close(&cow.mapping);
	return result;
}

/* A stubdomain attaches its guest's disk a second time: one disk, two users. */
static int add_shared_volume(struct vbd *vbd, const struct role *role, struct error *err)
{
	struct mapping_owner owner = { .domid = vbd->owner, .devid = vbd->devid };
	struct volume volume;
	int result;

	if (vbd_check_same_disk(vbd, err) < 0 || volume_join(owner, &volume, err) < 0)
		return -1;
	result = hand_over(vbd, volume.mapping.device, role->kind == ROLE_COW, err);
	mapping_close(&volume.mapping);
	return result;
}

static int attach(struct vbd *vbd, const struct role *role, struct error *err)
{
	if (role->kind == ROLE_READ_ONLY)
		return add_origin(vbd, role, err);
	if (vbd_find_owner(vbd, err) < 0)
		return -1;
	if (vbd->owner != vbd->domid)
		return add_shared_volume(vbd, role, err);
	if (role->kind == ROLE_COW)
		return add_new_cow(vbd, role, err);
	return add_new_volume(vbd, role, err);
}

int verb_add(struct vbd *vbd, struct error *err)
{
	struct role role;

	if (vbd_connect(vbd, err) < 0)
		return -1;
	if (vbd_read(vbd, err) == 0 &&
	    role_parse(vbd->params, vbd->params_length, &role, err) == 0 &&
	    role_check(&role, vbd->mode, vbd->domid, err) == 0 && attach(vbd, &role, err) == 0)
		return 0;
	vbd_fail(vbd, err);
	return -1;
}
