/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral close: the end of a named volume, as a detach is the end of a domain's. */
#include <errno.h>

#include "command.h"
#include "volume-name.h"

/* How long its last user may take to let go, and requests in flight to end, in milliseconds. */
#define CLOSE_MS 2000
#define WIPE_MS	 10000

/* What is still open then loses its key all the same; the device goes with its last user. */
static int end(const char *name, struct error *err)
{
	struct mapping_state state;
	int result;

	if (mapping_forget(name, err) < 0)
		return -1;
	result = mapping_await_end(name, CLOSE_MS, &state, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	if (mapping_wipe(name, WIPE_MS, err) == 0)
		return 0;
	return err->number == ENXIO ? 0 : -1;
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
