/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/file.h>

#include "deadline.h"
#include "mapping-call.h"
#include "mapping.h"

int mapping_arm(const struct mapping *mapping, struct error *err)
{
	return mapping_remove_deferred(mapping->name, "cannot arm the encrypted device", err);
}

int mapping_disarm(const struct mapping *mapping, struct error *err)
{
	struct mapping_call call;

	mapping_call_begin(&call, mapping->name);
	/* The kernel's own name for it (dm-ioctl.c, message_for_md). */
	strcpy(call.message, "@cancel_deferred_remove");
	return mapping_call_run(&call, DM_TARGET_MSG, "cannot disarm the encrypted device", err);
}

int mapping_lock(const struct mapping *mapping, unsigned int ms, struct error *err)
{
	uint64_t end = deadline_now() + ms;
	unsigned int step = 0;

	while (flock(mapping->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_set(err, errno, mapping->name, NULL, "cannot lock device");
		if (!deadline_pause(end, &step))
			return error_set(err, EBUSY, mapping->name, "something keeps it locked",
					 "cannot lock device");
	}
	return 0;
}

int mapping_hold(struct mapping *mapping, unsigned int ms, struct mapping_state *state,
		 struct error *err)
{
	int result;

	mapping->fd = -1;
	if (mapping_look(mapping->name, state, err) < 0)
		return -1;
	if (!state->exists)
		return 0;
	mapping->device = state->device;
	if (mapping_open(mapping, err) < 0)
		return err->number == ENOENT || err->number == ENXIO ? 0 : -1;
	/* It was opened by its number, which may have become another device's before. */
	result = mapping_lock(mapping, ms, err);
	if (result == 0)
		result = mapping_look(mapping->name, state, err);
	if (result == 0 && state->exists && state->device == mapping->device)
		return 1;
	mapping_close(mapping);
	return result;
}
