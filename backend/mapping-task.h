/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the mapping's files only: one libdevmapper task. */
#ifndef XE_MAPPING_TASK_H
#define XE_MAPPING_TASK_H

#include <libdevmapper.h>

#include "error.h"
#include "mapping.h"

static inline void destroy_task(struct dm_task **task)
{
	if (*task != NULL)
		dm_task_destroy(*task);
}

#define cleanup_task __attribute__((cleanup(destroy_task)))

/* Makes a task of a kind (DM_DEVICE_*) for a device, NULL for none; NULL on failure. */
struct dm_task *mapping_task(int kind, const char *name, struct error *err);

/* Gives the task, one of those that end in a uevent, the flags that keep udev's rules away. */
int mapping_task_quiet_udev(struct dm_task *task, struct error *err);

/*
 * Fills *err for a call that only prepares a task, and returns -1. errno is not to be trusted there: the
 * library says why in its log, if at all.
 */
int mapping_task_refused(const char *action, struct error *err);

/* Runs it. Returns 0, or -1 with err saying that `action` failed and why. */
int mapping_task_run(struct dm_task *task, const char *action, struct error *err);

/* Removes the device now or, while it is open, on its last close. Returns 0 or -1. */
int mapping_remove_deferred(const char *name, const char *action, struct error *err);

/* Writes what the names of the owner's mappings begin with; of a named volume, the whole name. */
void mapping_name_prefix(struct mapping_owner owner, char prefix[MAPPING_NAME_MAX]);

/* Writes a name for a new mapping of the owner. Returns 0 or -1. */
int mapping_name_make(struct mapping_owner owner, char name[MAPPING_NAME_MAX], struct error *err);

#endif
