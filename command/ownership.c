/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ownership.h"
#include "record.h"

static bool is_on_record(const struct record *record, uint32_t devid)
{
	for (unsigned int i = 0; i < record->count; i++)
		if (record->disks[i].devid == devid)
			return true;
	return false;
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
	result = !is_on_record(&record, identity->devid);
	record_free(&record);
	return result;
}
