/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "mapping-task.h"
#include "mapping.h"

struct wanted {
	char prefix[MAPPING_NAME_MAX];
	int (*visit)(const char *name, void *context, struct error *err);
	void *context;
};

static int visit_one(const struct wanted *wanted, const char *name, struct error *err)
{
	struct mapping_state state;

	if (strncmp(name, wanted->prefix, strlen(wanted->prefix)) != 0)
		return 0;
	if (mapping_look(name, &state, err) < 0)
		return -1;
	if (!state.exists || !state.ours)
		return 0;
	return wanted->visit(name, wanted->context, err);
}

static int visit_all(struct dm_task *task, const struct wanted *wanted, struct error *err)
{
	/* A list of none is one entry with device number 0 (dm-ioctl.c, list_devices). */
	struct dm_names *names = dm_task_get_names(task);
	int result = 0;

	if (names == NULL || names->dev == 0)
		return 0;
	while (result == 0) {
		result = visit_one(wanted, names->name, err);
		if (names->next == 0)
			break;
		names = (struct dm_names *)((char *)names + names->next);
	}
	return result;
}

static int list(const struct wanted *wanted, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_LIST, NULL, err);

	if (task == NULL ||
	    mapping_task_run(task, "cannot list the device-mapper devices", err) < 0)
		return -1;
	return visit_all(task, wanted, err);
}

int mapping_each(struct mapping_owner owner,
		 int (*visit)(const char *name, void *context, struct error *err), void *context,
		 struct error *err)
{
	struct wanted wanted = { .visit = visit, .context = context };

	mapping_name_prefix(owner, wanted.prefix);
	return list(&wanted, err);
}

int mapping_each_of_ours(int (*visit)(const char *name, void *context, struct error *err),
			 void *context, struct error *err)
{
	struct wanted wanted = { .prefix = "", .visit = visit, .context = context };

	return list(&wanted, err);
}
