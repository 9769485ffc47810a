/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "mapping-call.h"
#include "mapping.h"

int mapping_remove_deferred(const char *name, const char *action, struct error *err)
{
	struct mapping_call call;

	mapping_call_begin(&call, name);
	mapping_call_quiet_udev(&call);
	call.head.flags = DM_DEFERRED_REMOVE;
	return mapping_call_run(&call, DM_DEV_REMOVE, action, err);
}

int mapping_forget(const char *name, struct error *err)
{
	if (mapping_remove_deferred(name, "cannot remove the encrypted device", err) == 0)
		return 0;
	return err->number == ENXIO ? 0 : -1;
}

int mapping_look(const char *name, struct mapping_state *state, struct error *err)
{
	struct mapping_call call;
	struct error failure;

	memset(state, 0, sizeof(*state));
	mapping_call_begin(&call, name);
	if (mapping_call_run(&call, DM_DEV_STATUS, "cannot look at an encrypted device", &failure) <
	    0) {
		/* Whoever lists devices and reports *err later is not to report this. */
		if (failure.number == ENXIO)
			return 0;
		*err = failure;
		return -1;
	}
	state->exists = true;
	state->armed = (call.head.flags & DM_DEFERRED_REMOVE) != 0;
	state->live = (call.head.flags & DM_ACTIVE_PRESENT_FLAG) != 0;
	state->openers = call.head.open_count;
	state->device = (dev_t)call.head.dev;
	state->ours = mapping_parse_uuid(call.head.uuid, &state->identity);
	return 0;
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
	return mapping_call_load(name, sectors, "error", "",
				 "cannot load the encrypted device's error table", err);
}

/* How long the live table is, in 512-byte sectors; 0 where there is none. */
static int live_sectors(const char *name, uint64_t *sectors, struct error *err)
{
	struct mapping_call call;

	mapping_call_begin(&call, name);
	mapping_call_ask_status(&call);
	if (mapping_call_run(&call, DM_TABLE_STATUS, "cannot read the encrypted device's table",
			     err) < 0)
		return -1;
	*sectors = mapping_call_has_target(&call) ? call.target.length : 0;
	return 0;
}

/*
 * Resuming over a live table suspends it first, which waits for requests in flight; a signal ends
 * that wait, and the swap then fails (dm-ioctl.c, do_resume). No flush and no freeze: nothing of
 * what a guest wrote is worth saving here.
 */
static int swap_table(const char *name, unsigned int ms, struct error *err)
{
	struct mapping_call call;
	int result;

	mapping_call_begin(&call, name);
	mapping_call_quiet_udev(&call);
	call.head.flags = DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG;
	if (deadline_interrupt(ms, err) < 0)
		return -1;
	result = mapping_call_run(&call, DM_DEV_SUSPEND, "cannot start the error table", err);
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
