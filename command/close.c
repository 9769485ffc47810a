/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral close: the end of a named volume, as a detach is the end of a domain's. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "deadline.h"
#include "volume.h"
#include "volume-name.h"

/* How long its last user may take to let go, and requests in flight to end, in milliseconds. */
#define CLOSE_MS 2000
#define WIPE_MS	 10000

/*
 * Holds the device with its lock, so that whoever was building it has ended and nothing takes back an
 * arming. What was created and never got a table cannot be held, and goes. Returns 1, 0 when the
 * device is gone, or -1.
 */
static int hold(struct mapping *mapping, struct error *err)
{
	uint64_t end = deadline_now() + VOLUME_LOCK_MS;
	struct mapping_state state;
	unsigned int step = 0;
	int held;

	do {
		held = mapping_hold(mapping, VOLUME_LOCK_MS, &state, err);
		if (held != 0 || !state.exists)
			return held;
		if (mapping_forget(mapping->name, err) < 0)
			return -1;
	} while (deadline_pause(end, &step));
	return error_set(err, EBUSY, mapping->name, "it is being opened all the time",
			 "cannot close the volume");
}

static int let_go(const char *name, bool wipe, struct error *err)
{
	struct mapping mapping;
	int result;

	memcpy(mapping.name, name, sizeof(mapping.name));
	result = hold(&mapping, err);
	if (result <= 0)
		return result;
	result = mapping_arm(&mapping, err);
	if (result == 0 && wipe)
		result = mapping_wipe(name, WIPE_MS, err);
	mapping_close(&mapping);
	return result;
}

/* What is still open then loses its key all the same; the device goes with its last user. */
static int end(const char *name, struct error *err)
{
	struct mapping_state state;
	int result;

	if (let_go(name, false, err) < 0)
		return -1;
	result = mapping_await_end(name, CLOSE_MS, &state, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	return let_go(name, true, err);
}

enum outcome command_close(const struct arguments *arguments, struct error *err)
{
	char name[MAPPING_NAME_MAX];
	struct mapping_state state;

	if (volume_name_read(arguments->operand, name, err) < 0)
		return OUTCOME_USAGE;
	if (volume_name_look(name, &state, err) < 0)
		return OUTCOME_FAILED;
	if (!state.exists)
		return OUTCOME_DONE;
	return end(name, err) < 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}
