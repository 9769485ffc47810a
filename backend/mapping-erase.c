/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "deadline.h"
#include "mapping-task.h"
#include "mapping.h"

int mapping_remove_deferred(const char *name, const char *action, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_REMOVE, name, err);

	if (task == NULL || mapping_task_quiet_udev(task, err) < 0)
		return -1;
	if (!dm_task_deferred_remove(task))
		return mapping_task_refused("cannot ask for the deferred removal", err);
	return mapping_task_run(task, action, err);
}

int mapping_forget(const char *name, struct error *err)
{
	if (mapping_remove_deferred(name, "cannot remove the encrypted device", err) == 0)
		return 0;
	return err->number == ENXIO ? 0 : -1;
}

static int look_by(struct dm_task *task, struct mapping_state *state, struct error *err)
{
	static const char action[] = "cannot look at an encrypted device";
	struct dm_info info;
	const char *uuid;

	memset(state, 0, sizeof(*state));
	if (mapping_task_run(task, action, err) < 0)
		return err->number == ENXIO ? 0 : -1;
	/* What is not known must not pass for a device that is gone. */
	if (!dm_task_get_info(task, &info))
		return mapping_task_refused(action, err);
	if (!info.exists)
		return 0;
	uuid = dm_task_get_uuid(task);
	state->exists = true;
	state->armed = info.deferred_remove;
	state->live = info.live_table;
	state->openers = info.open_count;
	state->device = makedev(info.major, info.minor);
	state->ours = uuid != NULL && mapping_parse_uuid(uuid, &state->identity);
	return 0;
}

int mapping_look(const char *name, struct mapping_state *state, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_INFO, name, err);

	return task == NULL ? -1 : look_by(task, state, err);
}

int mapping_await_end(const char *name, unsigned int ms, struct mapping_state *state,
		      struct error *err)
{
	uint64_t end = deadline_now() + ms;
	unsigned int step = 0;

	do {
		if (mapping_look(name, state, err) < 0)
			return -1;
		if (!state->exists)
			return 1;
	} while (deadline_pause(end, &step));
	return 0;
}

int mapping_load_error(const char *name, uint64_t sectors, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_RELOAD, name, err);

	if (task == NULL)
		return -1;
	if (!dm_task_add_target(task, 0, sectors, "error", ""))
		return error_set(err, ENOMEM, NULL, NULL,
				 "cannot prepare the encrypted device's error table");
	return mapping_task_run(task, "cannot load the encrypted device's error table", err);
}

/* How long the live table is, in 512-byte sectors; 0 where there is none. */
static int live_sectors(const char *name, uint64_t *sectors, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_STATUS, name, err);
	uint64_t start;
	char *type, *params;

	*sectors = 0;
	if (task == NULL)
		return -1;
	if (mapping_task_run(task, "cannot read the encrypted device's table", err) < 0)
		return -1;
	dm_get_next_target(task, NULL, &start, sectors, &type, &params);
	return 0;
}

/*
 * Resuming over a live table suspends it first, which waits for requests in flight; a signal ends
 * that wait, and the swap then fails (dm-ioctl.c, do_resume). No flush and no freeze: nothing of
 * what a guest wrote is worth saving here.
 */
static int swap_table(const char *name, unsigned int ms, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_RESUME, name, err);
	int result;

	if (task == NULL || mapping_task_quiet_udev(task, err) < 0)
		return -1;
	if (!dm_task_no_flush(task) || !dm_task_skip_lockfs(task))
		return mapping_task_refused("cannot prepare the error table's start", err);
	if (deadline_interrupt(ms, err) < 0)
		return -1;
	result = mapping_task_run(task, "cannot start the error table", err);
	if (deadline_interrupt(0, err) < 0)
		return -1;
	return result;
}

/* An attach that is under way may have loaded its own table in between: that one is live then, or
 * waits to be. */
static int check_wiped(const char *name, struct error *err)
{
	struct mapping_table table;

	if (mapping_read(name, &table, err) < 0)
		return -1;
	if (strcmp(table.type, "error") == 0 && !table.loaded)
		return 0;
	return error_set(err, EAGAIN, name, "an attach of it is under way",
			 "cannot wipe the encrypted device");
}

int mapping_wipe(const char *name, unsigned int ms, struct error *err)
{
	uint64_t end = deadline_now() + ms;
	uint64_t sectors;

	if (live_sectors(name, &sectors, err) < 0)
		return -1;
	if (mapping_load_error(name, sectors ? sectors : 1, err) < 0)
		return -1;
	if (swap_table(name, ms, err) == 0)
		return check_wiped(name, err);
	if (deadline_now() < end)
		return -1;
	return error_set(err, ETIME, name,
			 "its storage does not answer; the key goes with its last user",
			 "cannot wipe the encrypted device");
}
