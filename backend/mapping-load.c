/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "mapping-call.h"
#include "mapping.h"

static const char action[] = "cannot load the encrypted device's table";

/* What cannot be told is not what to complain of. */
static bool kernel_has(const char *target)
{
	struct error ignored;
	cleanup_free struct dm_ioctl *head =
		mapping_call_list(DM_LIST_VERSIONS, "", action, &ignored);
	const struct dm_target_versions *version;
	const char *entry;

	if (head == NULL)
		return true;
	entry = (const char *)head + head->data_start;
	do {
		version = (const void *)entry;
		if (strcmp(version->name, target) == 0)
			return true;
		entry += version->next;
	} while (version->next != 0);
	return false;
}

/* "Invalid argument" is also what the kernel says of a target it does not know. */
static int explain(const char *target, const char *reason, struct error *err)
{
	if (kernel_has(target))
		return -1;
	return error_set(err, err->number, NULL, reason, "%s", action);
}

int mapping_load(struct mapping *mapping, uint64_t sectors, const struct table_crypt *crypt,
		 struct error *err)
{
	char params[TABLE_PARAMS_MAX];

	table_crypt_params(crypt, params);
	if (mapping_call_load(mapping->name, sectors, "crypt", params, action, err) == 0)
		return 0;
	if (err->number == ENOKEY)
		return error_set(err, ENOKEY, NULL, "dm-crypt did not find the key", "%s", action);
	return explain("crypt", "the kernel has no dm-crypt", err);
}

int mapping_load_snapshot(struct mapping *mapping, uint64_t sectors,
			  const struct table_snapshot *snapshot, struct error *err)
{
	char params[TABLE_PARAMS_MAX];

	table_snapshot_params(snapshot, params);
	if (mapping_call_load(mapping->name, sectors, "snapshot", params, action, err) == 0)
		return 0;
	return explain("snapshot", "the kernel has no dm-snapshot", err);
}
