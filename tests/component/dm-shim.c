/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded into the backend in the place of libdevmapper and the kernel's device-mapper: the library's
 * calls, over the devices of dm-device.h. What an error table does in the place of a live one is only
 * logged.
 */
#include <dirent.h>
#include <errno.h>
#include <libdevmapper.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "dm-device.h"
#include "events.h"

struct dm_task {
	int kind, number_of_error;
	char name[160], uuid[160], type[16], params[512];
	uint64_t sectors;
	bool deferred;
	struct dm_info info;
	struct map map;
	uint64_t answer[1024]; /* of names or versions, aligned as the kernel's */
};

static int do_create(struct dm_task *task)
{
	struct map map;
	int result = device_create(task->name, task->uuid, &map);

	if (result == 0)
		task->info = (struct dm_info){ .exists = 1,
					       .major = LOOP_MAJOR,
					       .minor = (uint32_t)map.number };
	return result;
}

static int do_remove(struct dm_task *task)
{
	struct map map;

	if (task->deferred)
		return device_remove_deferred(task->name);
	return device_find(task->name, &map) ? EBUSY : ENXIO;
}

static int do_info(struct dm_task *task)
{
	if (!device_find(task->name, &task->map))
		return ENXIO;
	task->info = (struct dm_info){ .exists = 1,
				       .major = LOOP_MAJOR,
				       .minor = (uint32_t)task->map.number,
				       .deferred_remove = device_is_armed(&task->map) };
	return 0;
}

static int do_list(struct dm_task *task)
{
	struct dm_names *names = (void *)task->answer;
	struct dirent *entry;
	struct map map;
	char path[512];
	DIR *dir;

	event_path(path, sizeof(path), "maps");
	dir = opendir(path);
	if (dir == NULL)
		return errno;
	names->dev = 0;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || !device_find(entry->d_name, &map))
			continue;
		if (names->dev != 0) {
			names->next = (uint32_t)(sizeof(*names) + strlen(names->name) + 8) & ~7u;
			names = (void *)((char *)names + names->next);
		}
		names->dev = makedev(LOOP_MAJOR, (unsigned int)map.number);
		names->next = 0;
		strcpy(names->name, entry->d_name);
	}
	closedir(dir);
	return 0;
}

static int do_versions(struct dm_task *task)
{
	struct dm_versions *versions = (void *)task->answer;

	strcpy(versions->name, "error");
	if (getenv("SHIM_NO_CRYPT"))
		return 0;
	versions->next = 32;
	versions = (void *)((char *)versions + versions->next);
	strcpy(versions->name, "crypt");
	if (getenv("SHIM_NO_SNAPSHOT"))
		return 0;
	versions->next = 32;
	versions = (void *)((char *)versions + versions->next);
	strcpy(versions->name, "snapshot");
	return 0;
}

/* The device whose table this process has swapped for one of errors. The shim's own stays as it was. */
static char wiped[128];

static int do_reload(struct dm_task *task)
{
	struct map map;

	if (!device_find(task->name, &map))
		return ENXIO;
	if (strcmp(task->type, "snapshot") == 0 && getenv("SHIM_NO_SNAPSHOT"))
		return EINVAL;
	if (strcmp(task->type, "snapshot") == 0)
		return device_load_snapshot(task->name, &map, task->sectors, task->params);
	if (strcmp(task->type, "crypt") != 0) {
		snprintf(wiped, sizeof(wiped), "%s", task->name);
		return device_load_error(task->name, &map);
	}
	wiped[0] = '\0';
	if (getenv("SHIM_NO_CRYPT"))
		return EINVAL;
	return device_load_crypt(task->name, &map, task->sectors, task->params);
}

static int do_look(struct dm_task *task)
{
	task->info.exists = device_find(task->name, &task->map);
	return task->info.exists ? 0 : ENXIO;
}

/* SHIM_WIPED: as if a wipe had put an error table there. */
static int do_table(struct dm_task *task)
{
	int result = do_look(task);

	if (result == 0 && (strcmp(task->name, wiped) == 0 || getenv("SHIM_WIPED")))
		strcpy(task->map.table, "error");
	return result;
}

static const struct kind {
	int kind;
	const char *event;
	int (*run)(struct dm_task *task);
} kinds[] = {
	{ DM_DEVICE_CREATE, "create", do_create },
	{ DM_DEVICE_RELOAD, "reload", do_reload },
	{ DM_DEVICE_RESUME, "resume", do_look },
	{ DM_DEVICE_REMOVE, "remove", do_remove },
	{ DM_DEVICE_INFO, "info", do_info },
	{ DM_DEVICE_STATUS, "status", do_look },
	{ DM_DEVICE_TABLE, "table", do_table },
	{ DM_DEVICE_LIST, "list", do_list },
	{ DM_DEVICE_LIST_VERSIONS, "versions", do_versions },
};

int dm_task_run(struct dm_task *task)
{
	const struct kind *kind = kinds;

	while (kind->kind != task->kind)
		if (++kind == kinds + sizeof(kinds) / sizeof(kinds[0]))
			abort();
	task->number_of_error =
		event("%s%s%s%s%s%s%s%s%s", kind->event, task->deferred ? "-deferred" : "",
		      strcmp(task->type, "crypt") == 0	    ? "-crypt"
		      : strcmp(task->type, "snapshot") == 0 ? "-snapshot"
							    : "",
		      task->name[0] ? " " : "", task->name, task->type[0] ? " " : "", task->type,
		      task->params[0] ? " " : "", task->params);
	if (task->number_of_error == 0)
		task->number_of_error = kind->run(task);
	return task->number_of_error == 0;
}

struct dm_task *dm_task_create(int type)
{
	struct dm_task *task = calloc(1, sizeof(*task));

	if (task != NULL)
		task->kind = type;
	return task;
}

void dm_task_destroy(struct dm_task *task)
{
	free(task);
}

int dm_task_set_name(struct dm_task *task, const char *name)
{
	snprintf(task->name, sizeof(task->name), "%s", name);
	return 1;
}

int dm_task_set_uuid(struct dm_task *task, const char *uuid)
{
	snprintf(task->uuid, sizeof(task->uuid), "%s", uuid);
	return 1;
}

int dm_task_set_cookie(struct dm_task *task, uint32_t *cookie, uint16_t flags)
{
	(void)task, (void)cookie, (void)flags;
	return 1;
}

int dm_task_get_errno(struct dm_task *task)
{
	return task->number_of_error;
}

int dm_task_get_info(struct dm_task *task, struct dm_info *info)
{
	*info = task->info;
	return 1;
}

const char *dm_task_get_uuid(const struct dm_task *task)
{
	return task->map.uuid;
}

struct dm_names *dm_task_get_names(struct dm_task *task)
{
	return (void *)task->answer;
}

struct dm_versions *dm_task_get_versions(struct dm_task *task)
{
	return (void *)task->answer;
}

int dm_task_add_target(struct dm_task *task, uint64_t start, uint64_t size, const char *type,
		       const char *params)
{
	(void)start;
	task->sectors = size;
	snprintf(task->type, sizeof(task->type), "%s", type);
	snprintf(task->params, sizeof(task->params), "%s", params);
	return 1;
}

int dm_task_deferred_remove(struct dm_task *task)
{
	task->deferred = true;
	return 1;
}

int dm_task_no_flush(struct dm_task *task)
{
	(void)task;
	return 1;
}

int dm_task_skip_lockfs(struct dm_task *task)
{
	(void)task;
	return 1;
}

int dm_task_secure_data(struct dm_task *task)
{
	(void)task;
	return 1;
}

void *dm_get_next_target(struct dm_task *task, void *next, uint64_t *start, uint64_t *length,
			 char **type, char **params)
{
	(void)next;
	*start = 0;
	*length = task->map.sectors;
	*type = task->map.table;
	*params = task->params;
	return NULL;
}

void dm_log_with_errno_init(dm_log_with_errno_fn fn)
{
	(void)fn;
}

int dm_set_name_mangling_mode(dm_string_mangling_t mode)
{
	(void)mode;
	return 1;
}

void dm_udev_set_sync_support(int sync)
{
	(void)sync;
}
