/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "mapping-task.h"
#include "mapping.h"

static const char action[] = "cannot load the encrypted device's table";

static int load(const struct mapping *mapping, uint64_t sectors, const char *target,
		const char *params, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_RELOAD, mapping->name, err);

	if (task == NULL)
		return -1;
	if (!dm_task_add_target(task, 0, sectors, target, params))
		return error_set(err, ENOMEM, NULL, NULL, "%s", action);
	return mapping_task_run(task, action, err);
}

/* What cannot be told is not what to complain of. */
static bool kernel_has(const char *target)
{
	cleanup_task struct dm_task *task = dm_task_create(DM_DEVICE_LIST_VERSIONS);
	struct dm_versions *versions;

	if (task == NULL || !dm_task_run(task))
		return true;
	versions = dm_task_get_versions(task);
	while (versions != NULL) {
		if (strcmp(versions->name, target) == 0)
			return true;
		if (versions->next == 0)
			break;
		versions = (struct dm_versions *)((char *)versions + versions->next);
	}
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
	if (load(mapping, sectors, "crypt", params, err) == 0)
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
	if (load(mapping, sectors, "snapshot", params, err) == 0)
		return 0;
	return explain("snapshot", "the kernel has no dm-snapshot", err);
}
