/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral arm: from here on a named volume ends with its last user. */
#include <string.h>

#include "command.h"
#include "volume.h"
#include "volume-name.h"

/* With the device held by us: arming what nobody else has open would be its end at our close. */
static int arm_open(const struct mapping *mapping, const char *volume, struct error *err)
{
	struct mapping_state state;

	if (mapping_lock(mapping, VOLUME_LOCK_MS, err) < 0 ||
	    volume_name_look(mapping->name, &state, err) < 0)
		return -1;
	if (state.armed)
		return 0;
	if (state.openers < 2)
		return error_set(err, 0, volume, "nothing has it open yet, so it would end now",
				 "cannot arm the volume");
	return mapping_arm(mapping, err);
}

static int arm(const char *name, const char *volume, struct error *err)
{
	struct mapping mapping = { .fd = -1 };
	struct mapping_state state;
	int result;

	if (volume_name_look(name, &state, err) < 0)
		return -1;
	if (!state.exists)
		return error_set(err, 0, volume, "there is no such volume",
				 "cannot arm the volume");
	memcpy(mapping.name, name, sizeof(mapping.name));
	mapping.device = state.device;
	if (mapping_open(&mapping, err) < 0)
		return -1;
	result = arm_open(&mapping, volume, err);
	mapping_close(&mapping);
	return result;
}

enum outcome command_arm(const struct arguments *arguments, struct error *err)
{
	char name[MAPPING_NAME_MAX];

	if (volume_name_read(arguments->operand, name, err) < 0)
		return OUTCOME_USAGE;
	return arm(name, arguments->operand, err) < 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}
