/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded into the backend in the place of the kernel's device-mapper: its calls (linux/dm-ioctl.h), over the
 * devices of dm-device.h. What an error table does in the place of a live one is only logged.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dm-device.h"
#include "events.h"

/* What the kernel reads and writes of a call's bytes. */
struct call {
	struct dm_ioctl *head;
	struct dm_target_spec *target; /* NULL where there is no room for it */
	char *params;
	char *end; /* of what may be written */
};

static struct call look_into(struct dm_ioctl *head)
{
	struct call call = { .head = head, .end = (char *)head + head->data_size };
	char *data = (char *)head + head->data_start;

	if (call.end - data > (ptrdiff_t)sizeof(*call.target)) {
		call.target = (void *)data;
		call.params = data + sizeof(*call.target);
	}
	return call;
}

static int do_create(struct call *call)
{
	struct map map;
	int result = device_create(call->head->name, call->head->uuid, &map);

	if (result == 0)
		call->head->dev = makedev(LOOP_MAJOR, (unsigned int)map.number);
	return result;
}

static int do_remove(struct call *call)
{
	struct map map;

	if (call->head->flags & DM_DEFERRED_REMOVE)
		return device_remove_deferred(call->head->name);
	return device_find(call->head->name, &map) ? EBUSY : ENXIO;
}

/* Fills in what the head tells of a device. */
static int look(struct call *call, struct map *map)
{
	if (!device_find(call->head->name, map))
		return ENXIO;
	call->head->dev = makedev(LOOP_MAJOR, (unsigned int)map->number);
	snprintf(call->head->uuid, sizeof(call->head->uuid), "%.128s", map->uuid);
	call->head->flags &=
		~(DM_DEFERRED_REMOVE | DM_ACTIVE_PRESENT_FLAG | DM_INACTIVE_PRESENT_FLAG);
	if (device_is_armed(map))
		call->head->flags |= DM_DEFERRED_REMOVE;
	return 0;
}

static int do_look(struct call *call)
{
	struct map map;

	return look(call, &map);
}

/* As the kernel has it, with what is unused between two. */
static char *put_name(char *to, const struct map *map, const char *name)
{
	struct dm_name_list *entry = (void *)to;

	entry->dev = makedev(LOOP_MAJOR, (unsigned int)map->number);
	strcpy(entry->name, name);
	entry->next = (uint32_t)(sizeof(*entry) + strlen(name) + 8) & ~7u;
	return to + entry->next;
}

static int do_list(struct call *call)
{
	char *first = (char *)call->head + call->head->data_start, *next = first, *last = NULL;
	struct dirent *entry;
	struct map map;
	char path[512];
	DIR *dir;

	event_path(path, sizeof(path), "maps");
	dir = opendir(path);
	if (dir == NULL)
		return errno;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || !device_find(entry->d_name, &map) ||
		    strncmp(entry->d_name, call->head->name, strlen(call->head->name)) != 0)
			continue;
		if (next + sizeof(struct dm_name_list) + sizeof(entry->d_name) > call->end) {
			call->head->flags |= DM_BUFFER_FULL_FLAG;
			break;
		}
		last = next;
		next = put_name(next, &map, entry->d_name);
	}
	closedir(dir);
	/* Of an empty list the kernel writes nothing but the head. */
	if (last != NULL)
		((struct dm_name_list *)(void *)last)->next = 0;
	return 0;
}

static int do_versions(struct call *call)
{
	static const char *const targets[] = { "error", "crypt", "snapshot" };
	size_t count = getenv("SHIM_NO_CRYPT") ? 1 : getenv("SHIM_NO_SNAPSHOT") ? 2 : 3;
	char *next = (char *)call->head + call->head->data_start;

	for (size_t i = 0; i < count; i++) {
		struct dm_target_versions *version = (void *)next;

		strcpy(version->name, targets[i]);
		version->next = i + 1 < count ? 32 : 0;
		next += version->next;
	}
	return 0;
}

/* The device whose table this process has swapped for one of errors. The shim's own stays as it was. */
static char wiped[128];

static int do_load(struct call *call)
{
	const char *name = call->head->name, *type = call->target->target_type;
	uint64_t sectors = call->target->length;
	struct map map;

	if (!device_find(name, &map))
		return ENXIO;
	if (strcmp(type, "snapshot") == 0 && getenv("SHIM_NO_SNAPSHOT"))
		return EINVAL;
	if (strcmp(type, "snapshot") == 0)
		return device_load_snapshot(name, &map, sectors, call->params);
	if (strcmp(type, "crypt") != 0) {
		snprintf(wiped, sizeof(wiped), "%s", name);
		return device_load_error(name, &map);
	}
	wiped[0] = '\0';
	if (getenv("SHIM_NO_CRYPT"))
		return EINVAL;
	return device_load_crypt(name, &map, sectors, call->params);
}

/* SHIM_WIPED: as if a wipe had put an error table there. */
static int do_table(struct call *call)
{
	struct map map;
	int result = look(call, &map);

	if (result != 0)
		return result;
	if (call->head->flags & DM_STATUS_TABLE_FLAG &&
	    (strcmp(call->head->name, wiped) == 0 || getenv("SHIM_WIPED")))
		strcpy(map.table, "error");
	call->head->target_count = 1;
	memset(call->target, 0, sizeof(*call->target));
	call->target->length = map.sectors;
	strcpy(call->target->target_type, map.table);
	call->params[0] = '\0';
	return 0;
}

static const struct kind {
	unsigned long request;
	const char *event;
	int (*run)(struct call *call);
} kinds[] = {
	{ DM_DEV_CREATE, "create", do_create }, { DM_TABLE_LOAD, "reload", do_load },
	{ DM_DEV_SUSPEND, "resume", do_look },	{ DM_DEV_REMOVE, "remove", do_remove },
	{ DM_DEV_STATUS, "info", do_look },	{ DM_TABLE_STATUS, "table", do_table },
	{ DM_LIST_DEVICES, "list", do_list },	{ DM_LIST_VERSIONS, "versions", do_versions },
};

static int log_call(const struct call *call, const char *name)
{
	const char *type = "", *params = "", *which = "";
	const struct dm_ioctl *head = call->head;

	if (strcmp(name, "table") == 0 && !(head->flags & DM_STATUS_TABLE_FLAG))
		name = "status";
	if (strcmp(name, "reload") == 0)
		type = call->target->target_type, params = call->params;
	if (strcmp(type, "crypt") == 0)
		which = "-crypt";
	else if (strcmp(type, "snapshot") == 0)
		which = "-snapshot";
	if (strcmp(name, "remove") == 0 && head->flags & DM_DEFERRED_REMOVE)
		which = "-deferred";
	return event("%s%s%s%s%s%s%s%s", name, which, head->name[0] ? " " : "", head->name,
		     type[0] ? " " : "", type, params[0] ? " " : "", params);
}

/* What the kernel refuses (dm-ioctl.c, check_version and copy_params). */
static int check(const struct dm_ioctl *head)
{
	if (head->version[0] != DM_VERSION_MAJOR || head->version[1] > DM_VERSION_MINOR ||
	    head->data_size < offsetof(struct dm_ioctl, data) || head->data_start < sizeof(*head))
		return EINVAL;
	if (memchr(head->name, '\0', sizeof(head->name)) == NULL ||
	    memchr(head->uuid, '\0', sizeof(head->uuid)) == NULL)
		return EINVAL;
	return 0;
}

int device_mapper_call(unsigned long request, struct dm_ioctl *head)
{
	const struct kind *kind = kinds;
	int number = check(head);
	struct call call;

	while (kind->request != request)
		if (++kind == kinds + sizeof(kinds) / sizeof(kinds[0]))
			abort();
	if (number == 0) {
		call = look_into(head);
		number = log_call(&call, kind->event);
	}
	if (number == 0)
		number = kind->run(&call);
	if (number == 0)
		return 0;
	errno = number;
	return -1;
}

/* The kernel's control node is not there, and anything else stands for it: the calls end here. */
int open(const char *path, int flags, ...)
{
	unsigned int mode = 0;
	va_list arguments;

	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {
		va_start(arguments, flags);
		mode = va_arg(arguments, unsigned int);
		va_end(arguments);
	}
	if (strcmp(path, "/dev/mapper/" DM_CONTROL_NODE) == 0)
		path = "/dev/null";
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
