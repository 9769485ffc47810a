/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cleanup.h"
#include "mapping-call.h"
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

/* first: a list of none is one entry with device number 0 (dm-ioctl.c, list_devices). */
static int visit_all(const struct dm_name_list *first, const struct wanted *wanted,
		     struct error *err)
{
	const char *entry = (const char *)first;
	int result = 0;

	if (first->dev == 0)
		return 0;
	while (result == 0) {
		result = visit_one(wanted, ((const struct dm_name_list *)entry)->name, err);
		if (((const struct dm_name_list *)entry)->next == 0)
			break;
		entry += ((const struct dm_name_list *)entry)->next;
	}
	return result;
}

static int list(const struct wanted *wanted, struct error *err)
{
	cleanup_free struct dm_ioctl *head = mapping_call_list(
		DM_LIST_DEVICES, wanted->prefix, "cannot list the device-mapper devices", err);

	if (head == NULL)
		return -1;
	return visit_all((const void *)((const char *)head + head->data_start), wanted, err);
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
