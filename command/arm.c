/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral arm: from here on a named volume ends with its last user. */
#include <string.h>

#include "command.h"
#include "volume.h"
#include "volume-name.h"

/* With the device held by us: arming what nobody else has open would be its end at our close. */
static int arm_held(const struct mapping *mapping, const struct mapping_state *state,
		    const char *volume, struct error *err)
{
	if (state->armed)
		return 0;
	if (state->openers < 2)
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
	memcpy(mapping.name, name, sizeof(mapping.name));
	result = mapping_hold(&mapping, VOLUME_LOCK_MS, &state, err);
	if (result < 0)
		return -1;
	if (result == 0)
		return error_set(err, 0, volume, "there is no such volume",
				 "cannot arm the volume");
	result = arm_held(&mapping, &state, volume, err);
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
