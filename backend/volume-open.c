/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "store.h"
#include "volume.h"

static int refuse(const char *name, const char *reason, struct error *err)
{
	return error_set(err, EEXIST, name, reason, "cannot open the volume");
}

/* With the lock held. Returns 1 when the device is the volume asked for, 0 when whoever was building
 * it has failed, so that it goes when it is closed, or -1. */
static int check_whole(const struct mapping *mapping, const char *name, const struct role *role,
		       struct error *err)
{
	struct table_crypt_shown shown;
	struct mapping_table table;

	if (mapping_read(mapping->name, &table, err) < 0)
		return -1;
	if (!table.live)
		return 0;
	if (strcmp(table.type, "crypt") != 0)
		return refuse(name, "it was wiped and is still in use", err);
	if (!table_parse_crypt(table.params, &shown) || shown.sector != role->sector ||
	    shown.discard != role->discard || shown.queues != role->queues ||
	    !store_is(role, shown.store, table.sectors))
		return refuse(name, "it is open with another store, size or option", err);
	return 1;
}

/* Takes the volume that is there. Returns 1, or 0 when there is none (any more), or -1. */
static int take(const char *name, const struct role *role, struct mapping *mapping,
		struct error *err)
{
	struct mapping_state state;
	int result;

	mapping->fd = -1;
	if (mapping_look(mapping->name, &state, err) < 0)
		return -1;
	if (!state.exists)
		return 0;
	if (!state.ours)
		return refuse(name, "a device of another program has its name", err);
	result = mapping_hold(mapping, VOLUME_LOCK_MS, &state, err);
	if (result <= 0)
		return result;
	result = check_whole(mapping, name, role, err);
	if (result <= 0)
		mapping_close(mapping);
	return result;
}

static int build(const char *name, const struct role *role, struct volume *volume,
		 struct error *err)
{
	struct mapping_owner owner = { .volume = name };

	if (volume_build(role, owner, volume, err) < 0)
		return -1;
	/* Until here a killed process leaves nothing; from here on the name is what it can be found by. */
	if (mapping_disarm(&volume->mapping, err) == 0)
		return 0;
	mapping_close(&volume->mapping);
	return -1;
}

int volume_open(const char *name, const struct role *role, struct volume *volume, struct error *err)
{
	uint64_t end = deadline_now() + VOLUME_LOCK_MS;
	unsigned int step = 0;
	int result;

	if (!mapping_is_volume_name(name))
		return error_set(err, EINVAL, name,
				 "a name has 1 to 95 letters, digits, '.', '_' and '-'",
				 "cannot use the volume's name");
	mapping_name_volume(name, volume->mapping.name);
	do {
		result = take(name, role, &volume->mapping, err);
		if (result != 0)
			return result < 0 ? -1 : 0;
		if (build(name, role, volume, err) == 0)
			return 0;
		/* Busy is the name, or the store: by another process that opens the same volume. */
		if (err->number != EBUSY)
			return -1;
	} while (deadline_pause(end, &step));
	return -1;
}
