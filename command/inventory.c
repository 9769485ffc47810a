/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"
#include "device.h"
#include "inventory.h"

static int take(const char *name, void *context, struct error *err)
{
	struct inventory *inventory = context;
	struct device *devices =
		realloc(inventory->devices, (inventory->count + 1) * sizeof(*inventory->devices));
	int found;

	if (devices == NULL)
		return error_set(err, ENOMEM, NULL, NULL, "cannot list the encrypted devices");
	inventory->devices = devices;
	found = device_look(name, &devices[inventory->count], err);
	if (found < 0)
		return -1;
	inventory->count += (unsigned int)found;
	return 0;
}

static int by_owner(const void *a, const void *b)
{
	const struct mapping_identity *first = &((const struct device *)a)->identity;
	const struct mapping_identity *second = &((const struct device *)b)->identity;

	if (first->named != second->named)
		return first->named ? 1 : -1;
	if (first->named)
		return strcmp(first->volume, second->volume);
	if (first->domid != second->domid)
		return first->domid < second->domid ? -1 : 1;
	if (first->devid != second->devid)
		return first->devid < second->devid ? -1 : 1;
	return (first->part == MAPPING_SNAPSHOT) - (second->part == MAPPING_SNAPSHOT);
}

int inventory_read(struct inventory *inventory, struct error *err)
{
	deadline_step("listing the encrypted devices");
	memset(inventory, 0, sizeof(*inventory));
	if (mapping_each_of_ours(take, inventory, err) < 0) {
		inventory_free(inventory);
		return -1;
	}
	if (inventory->count > 1)
		qsort(inventory->devices, inventory->count, sizeof(*inventory->devices), by_owner);
	return 0;
}

void inventory_free(struct inventory *inventory)
{
	free(inventory->devices);
	memset(inventory, 0, sizeof(*inventory));
}

const struct device *inventory_find(const struct inventory *inventory, uint32_t domid,
				    uint32_t devid)
{
	for (unsigned int i = 0; i < inventory->count; i++) {
		const struct mapping_identity *identity = &inventory->devices[i].identity;

		if (!identity->named && identity->domid == domid && identity->devid == devid &&
		    identity->part != MAPPING_STORE)
			return &inventory->devices[i];
	}
	return NULL;
}

const struct device *inventory_find_number(const struct inventory *inventory, dev_t number)
{
	for (unsigned int i = 0; i < inventory->count; i++)
		if (inventory->devices[i].state.device == number)
			return &inventory->devices[i];
	return NULL;
}
