/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mapping-call.h"
#include "mapping.h"

static void copy_target(const struct mapping_call *call, struct mapping_table *table)
{
	if (!mapping_call_has_target(call))
		return;
	table->sectors = call->target.length;
	snprintf(table->type, sizeof(table->type), "%s", call->target.target_type);
	snprintf(table->params, sizeof(table->params), "%s", call->params);
}

/* The status of the one target that a snapshot has. */
static bool parse_fill(const struct mapping_call *call, struct table_fill *fill)
{
	return mapping_call_has_target(call) && strcmp(call->target.target_type, "snapshot") == 0 &&
	       table_parse_fill(call->params, fill);
}

int mapping_read_fill(const char *name, struct table_fill *fill, struct error *err)
{
	static const char action[] = "cannot read how full the snapshot is";
	struct mapping_call call;

	mapping_call_begin(&call, name);
	mapping_call_ask_status(&call);
	if (mapping_call_run(&call, DM_TABLE_STATUS, action, err) < 0)
		return -1;
	if (parse_fill(&call, fill))
		return 0;
	return error_set(err, 0, name, "the kernel does not say", "%s", action);
}

int mapping_read(const char *name, struct mapping_table *table, struct error *err)
{
	struct mapping_call call;
	int result;

	memset(table, 0, sizeof(*table));
	mapping_call_begin(&call, name);
	mapping_call_ask_table(&call);
	result = mapping_call_run(&call, DM_TABLE_STATUS,
				  "cannot read the encrypted device's table", err);
	if (result == 0) {
		table->live = (call.head.flags & DM_ACTIVE_PRESENT_FLAG) != 0;
		table->loaded = (call.head.flags & DM_INACTIVE_PRESENT_FLAG) != 0;
		copy_target(&call, table);
	}
	explicit_bzero(call.params, sizeof(call.params));
	return result;
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
