/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mapping-task.h"
#include "mapping.h"

static void copy_target(struct dm_task *task, struct mapping_table *table)
{
	char *type = NULL, *params = NULL;
	uint64_t start;
	void *next = dm_get_next_target(task, NULL, &start, &table->sectors, &type, &params);

	if (type == NULL || next != NULL || strlen(type) >= sizeof(table->type) ||
	    strlen(params) >= sizeof(table->params))
		return;
	snprintf(table->type, sizeof(table->type), "%s", type);
	snprintf(table->params, sizeof(table->params), "%s", params);
}

/* The status of the one target that a snapshot has. */
static bool parse_fill(struct dm_task *task, struct table_fill *fill)
{
	char *type = NULL, *params = NULL;
	uint64_t start, sectors;

	dm_get_next_target(task, NULL, &start, &sectors, &type, &params);
	return type != NULL && strcmp(type, "snapshot") == 0 && table_parse_fill(params, fill);
}

int mapping_read_fill(const char *name, struct table_fill *fill, struct error *err)
{
	static const char action[] = "cannot read how full the snapshot is";
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_STATUS, name, err);

	if (task == NULL || mapping_task_run(task, action, err) < 0)
		return -1;
	if (parse_fill(task, fill))
		return 0;
	return error_set(err, 0, name, "the kernel does not say", "%s", action);
}

int mapping_read(const char *name, struct mapping_table *table, struct error *err)
{
	static const char action[] = "cannot read the encrypted device's table";
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_TABLE, name, err);
	struct dm_info info;

	memset(table, 0, sizeof(*table));
	/* Somebody else may have put a table there with its key in it: the library wipes its copies. */
	if (task == NULL)
		return -1;
	if (!dm_task_secure_data(task))
		return mapping_task_refused(action, err);
	if (mapping_task_run(task, action, err) < 0)
		return -1;
	if (!dm_task_get_info(task, &info) || !info.exists)
		return error_set(err, ENXIO, name, NULL, "%s", action);
	table->live = info.live_table;
	table->loaded = info.inactive_table;
	copy_target(task, table);
	return 0;
}

int mapping_check_running(const struct mapping *mapping, struct error *err)
{
	struct mapping_table table;

	if (mapping_read(mapping->name, &table, err) < 0)
		return -1;
	if (strcmp(table.type, "crypt") == 0)
		return 0;
	return error_set(err, ECANCELED, NULL, "its store was wiped", "cannot start the snapshot");
}
