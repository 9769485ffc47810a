/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/stat.h>

#include "cow.h"
#include "deadline.h"
#include "origin.h"
#include "sysfs.h"
#include "volume.h"

/* How long another attach may try the origin for itself, in milliseconds. */
#define CLAIM_MS 2000

/* device-mapper claims all that its tables stand on with one holder (dm.c, _dm_claim_ptr): it would let
 * the origin be the store too, whose head is overwritten. */
static int check_apart(const struct role *role, const struct origin *origin, struct error *err)
{
	static const char action[] = "cannot use store";
	struct stat store;
	int overlap;

	if (role->dev == NULL || stat(role->dev, &store) < 0 || !S_ISBLK(store.st_mode))
		return 0;
	overlap = sysfs_devices_overlap(origin->device, store.st_rdev);
	if (overlap < 0)
		return error_set(err, errno, role->dev, "what it is part of cannot be read",
				 action);
	return overlap ? error_set(err, EBUSY, role->dev, "it is the origin", action) : 0;
}

/* An attach of the same block device has it exclusively for a moment, to see that nobody else has. */
static int load(struct mapping *mapping, uint64_t sectors, const struct table_snapshot *table,
		struct error *err)
{
	uint64_t end = deadline_now() + CLAIM_MS;
	unsigned int step = 0;

	do {
		if (mapping_load_snapshot(mapping, sectors, table, err) == 0)
			return 0;
		if (err->number != EBUSY)
			return -1;
	} while (deadline_pause(end, &step));
	return error_set(err, EBUSY, NULL, "its origin is mounted, or something else claims it",
			 "cannot load the snapshot's table");
}

/*
 * As a volume is started: armed while there is nothing in it yet. Whoever wipes meets the snapshot or
 * wipes the store before this looks at it (command/wipe.c).
 */
static int start(struct mapping *mapping, const struct role *role, const struct origin *origin,
		 const struct mapping *store, struct error *err)
{
	struct table_snapshot table = { .origin = origin->device,
					.store = store->device,
					.chunk = COW_CHUNK };
	uint64_t bytes, sectors;

	deadline_step("starting the snapshot");
	if (origin_size(origin, role->origin, &bytes, err) < 0)
		return -1;
	sectors = table_sectors(bytes, 512);
	if (mapping_load_error(mapping->name, sectors, err) < 0 || mapping_open(mapping, err) < 0 ||
	    mapping_arm(mapping, err) < 0 || load(mapping, sectors, &table, err) < 0 ||
	    origin_check_again(origin, role->origin, err) < 0 ||
	    mapping_check_unwiped(mapping, err) < 0 || mapping_check_running(store, err) < 0)
		return -1;
	return mapping_resume(mapping, err);
}

static int put_over(const struct mapping *store, const struct role *role,
		    const struct origin *origin, struct mapping *mapping, struct error *err)
{
	if (mapping_create_over(store, mapping, err) < 0)
		return -1;
	if (start(mapping, role, origin, store, err) == 0)
		return 0;
	mapping_undo(mapping);
	return -1;
}

int cow_build(const struct role *role, struct mapping_owner owner, struct cow *cow,
	      struct error *err)
{
	struct volume volume;
	struct origin origin;
	int result = -1;

	owner.part = MAPPING_STORE;
	deadline_step("opening the origin");
	if (origin_open(role->origin, &origin, err) < 0)
		return -1;
	if (check_apart(role, &origin, err) == 0 && volume_build(role, owner, &volume, err) == 0) {
		result = put_over(&volume.mapping, role, &origin, &cow->mapping, err);
		/* The snapshot has it open, or this is its end. */
		mapping_close(&volume.mapping);
	}
	origin_close(&origin);
	return result;
}

int cow_wipe(const char *snapshot, unsigned int ms, struct error *err)
{
	char store[MAPPING_NAME_MAX];
	struct mapping_state state;
	struct error ignored;

	if (!mapping_name_other_part(snapshot, store))
		return error_set(err, 0, snapshot, "not a cow disk", "cannot wipe");
	if (mapping_wipe(store, ms, err) < 0 && err->number != ENXIO) {
		/* The snapshot's end can still be that of the store, and of its key. */
		(void)mapping_wipe(snapshot, ms, &ignored);
		return mapping_await_end(store, ms, &state, &ignored) == 1 ? 0 : -1;
	}
	return mapping_wipe(snapshot, ms, err);
}
