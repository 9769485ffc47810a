/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blkback.h"
#include "ownership.h"
#include "record.h"

/* What blkback serves of a cow disk is its snapshot. */
static bool is_below(const struct device *device, dev_t served)
{
	struct mapping_state state;
	char name[MAPPING_NAME_MAX];
	struct error ignored;

	return device->identity.part == MAPPING_STORE &&
	       mapping_name_other_part(device->name, name) &&
	       mapping_look(name, &state, &ignored) == 0 && state.exists && state.device == served;
}

static bool is_served(const struct device *device)
{
	struct blkback_disk disk;
	struct error ignored;

	return blkback_look(device->identity.domid, device->identity.devid, &disk, &ignored) == 1 &&
	       (disk.device == device->state.device || is_below(device, disk.device));
}

int ownership_is_left(struct xen *xen, const struct device *device, struct error *err)
{
	const struct mapping_identity *identity = &device->identity;
	struct record record;
	int exists, result;

	if (identity->named)
		return device->table == DEVICE_EMPTY && device->state.openers == 0;
	exists = domain_exists(xen, identity->domid, err);
	if (exists <= 0)
		return exists < 0 ? -1 : 1;
	if (record_read(xen, identity->domid, &record, err) < 0)
		return -1;
	/* A toolstack that is not libxl keeps no such record. */
	result = !record_has(&record, identity->devid, NULL) && !is_served(device);
	record_free(&record);
	return result;
}
