/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded into the backend in the place of libdevmapper and the kernel's device-mapper.
 *
 * An "encrypted" device is a loop device of a number from $SHIM_BASE on, over the store itself. The
 * kernel's loop driver then gives what a mapping has: the store is claimed exclusively for as long
 * as the device stands, and LOOP_CLR_FD on a device that is open takes it away on its last close, on
 * one that is not at once, as DM_DEFERRED_REMOVE does. One that is armed before its crypt table comes
 * is an unbound loop until then, and ends with the process that armed it. Nothing is encrypted; what
 * an error table does is not played, only logged. The key has to be found, as dm-crypt finds it.
 *
 * $SHIM/maps/NAME is one device: its number, its UUID, its table's kind and length.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libdevmapper.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "events.h"

#define LOOP_MAJOR 7

struct map {
	int number;
	char uuid[160];
	char table[16]; /* none, error, armed (an error table, armed), crypt */
	int pid;	/* of the process that armed it */
	uint64_t sectors;
};

struct dm_task {
	int kind, number_of_error;
	char name[160], uuid[160], type[16], params[512];
	uint64_t sectors;
	bool deferred;
	struct dm_info info;
	struct map map;
	uint64_t answer[1024]; /* of names or versions, aligned as the kernel's */
};

static void map_path(char *path, size_t size, const char *name)
{
	event_path(path, size, "maps/%s", name);
}

static int save(const char *name, const struct map *map)
{
	char path[512];
	FILE *file;

	map_path(path, sizeof(path), name);
	file = fopen(path, "we");
	if (file == NULL)
		return -1;
	fprintf(file, "%d %d %s %s %ju\n", map->number, map->pid, map->uuid, map->table,
		(uintmax_t)map->sectors);
	return fclose(file);
}

/* The first line of an attribute of the loop device, or "". */
static void loop_attribute(int number, const char *name, char value[128])
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/block/loop%d/loop/%s", number, name);
	file = fopen(path, "re");
	value[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(value, 128, file) == NULL)
		value[0] = '\0';
	fclose(file);
}

/* Drops the devices that the kernel has taken away since. */
static void drop_gone(const char *folder)
{
	char entry[600], backing[128];
	struct dirent *found;
	DIR *dir = opendir(folder);

	while (dir != NULL && (found = readdir(dir)) != NULL) {
		if (strncmp(found->d_name, "dm-", 3) != 0)
			continue;
		loop_attribute(atoi(found->d_name + 3), "backing_file", backing);
		snprintf(entry, sizeof(entry), "%s/%.64s", folder, found->d_name);
		if (backing[0] == '\0')
			rmdir(entry);
	}
	if (dir != NULL)
		closedir(dir);
}

/* holders/MAJOR:MINOR below $SHIM, in the place of the kernel's list of what stands on a device. */
static void show_holder(unsigned int major_number, unsigned int minor_number, int number)
{
	char real[128], ours[512], entry[600];

	snprintf(real, sizeof(real), "/sys/dev/block/%u:%u/holders", major_number, minor_number);
	event_path(ours, sizeof(ours), "holders");
	mkdir(ours, 0700);
	event_path(ours, sizeof(ours), "holders/%u:%u", major_number, minor_number);
	mkdir(ours, 0700);
	drop_gone(ours);
	snprintf(entry, sizeof(entry), "%s/dm-%d", ours, number);
	mkdir(entry, 0700);
	/* A loop device of this number may have been another one, with another folder, before. */
	snprintf(entry, sizeof(entry), "%s/dm-%d", real, number);
	if (access(entry, F_OK) < 0)
		mount(ours, real, "", MS_BIND, NULL);
}

static void hide_holder(int number)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;

	event_path(path, sizeof(path), "holders");
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		event_path(path, sizeof(path), "holders/%s/dm-%d", entry->d_name, number);
		rmdir(path);
	}
	if (dir != NULL)
		closedir(dir);
}

/* All traces of a device that the kernel has taken away, so that its number is free again. */
static void forget(const char *name, int number)
{
	char path[512];
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control >= 0) {
		syscall(SYS_ioctl, control, LOOP_CTL_REMOVE, number);
		close(control);
	}
	snprintf(path, sizeof(path), "/dev/dm-%d", number);
	unlink(path);
	hide_holder(number);
	map_path(path, sizeof(path), name);
	unlink(path);
}

/* Finds the device NAME, if it still stands. */
static bool find(const char *name, struct map *map)
{
	char path[512], backing[128];
	FILE *file;
	int fields;

	map_path(path, sizeof(path), name);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	fields = fscanf(file, "%d %d %159s %15s %ju", &map->number, &map->pid, map->uuid,
			map->table, (uintmax_t *)&map->sectors);
	fclose(file);
	if (fields != 5)
		return false;
	loop_attribute(map->number, "backing_file", backing);
	if (strcmp(map->table, "none") == 0 || strcmp(map->table, "error") == 0 ||
	    backing[0] != '\0')
		return true;
	if (strcmp(map->table, "armed") == 0 && kill(map->pid, 0) == 0)
		return true;
	forget(name, map->number);
	return false;
}

static int open_loop(int number)
{
	char node[64];

	snprintf(node, sizeof(node), "/dev/dm-%d", number);
	return open(node, O_RDWR | O_CLOEXEC);
}

static int do_create(struct dm_task *task)
{
	struct map map = { .number = atoi(getenv("SHIM_BASE")), .table = "none" };
	char path[512];
	int control, fd;

	/* A number is taken by the one that makes its node. */
	for (;; map.number++) {
		snprintf(path, sizeof(path), "/dev/dm-%d", map.number);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd >= 0)
			break;
		if (errno != EEXIST)
			return errno;
	}
	close(fd);
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return errno;
	syscall(SYS_ioctl, control, LOOP_CTL_ADD, map.number);
	close(control);
	strcpy(map.uuid, task->uuid);
	if (save(task->name, &map) < 0)
		return errno;
	task->info =
		(struct dm_info){ .exists = 1, .major = LOOP_MAJOR, .minor = (uint32_t)map.number };
	return 0;
}

/* As dm_get_device() does: by number, and claimed. */
static int open_store(unsigned int major_number, unsigned int minor_number)
{
	char node[64];
	int fd;

	snprintf(node, sizeof(node), "/dev/dm-shim-%d", getpid());
	unlink(node);
	if (mknod(node, S_IFBLK | 0600, makedev(major_number, minor_number)) < 0)
		return -1;
	fd = open(node, O_RDWR | O_EXCL | O_CLOEXEC);
	unlink(node);
	return fd;
}

/* Its node becomes a block device with the first table, as the kernel registers it then. */
static int load_error(struct dm_task *task, struct map *map)
{
	char node[64];

	if (strcmp(map->table, "none") != 0)
		return 0;
	snprintf(node, sizeof(node), "/dev/dm-%d", map->number);
	unlink(node);
	if (mknod(node, S_IFBLK | 0600, makedev(LOOP_MAJOR, (unsigned int)map->number)) < 0)
		return errno;
	strcpy(map->table, "error");
	return save(task->name, map) < 0 ? errno : 0;
}

static int put_loop_over(int store, const struct map *map, uint64_t sectors)
{
	/* Direct, so that what the store says of a write is what the device says of it. */
	struct loop_config config = { .fd = (unsigned int)store,
				      .block_size = 512,
				      .info.lo_flags = LO_FLAGS_DIRECT_IO,
				      .info.lo_sizelimit = sectors * 512 };
	int loop = open_loop(map->number), result;

	if (loop < 0)
		return errno;
	if (strcmp(map->table, "armed") == 0)
		config.info.lo_flags |= LO_FLAGS_AUTOCLEAR;
	result = syscall(SYS_ioctl, loop, LOOP_CONFIGURE, &config) < 0 ? errno : 0;
	close(loop);
	return result;
}

static int load_crypt(struct dm_task *task, struct map *map)
{
	unsigned int major_number, minor_number;
	char description[128];
	int store, result;

	if (getenv("SHIM_NO_CRYPT"))
		return EINVAL;
	if (sscanf(task->params, "aes-xts-plain64 :64:logon:%127s 0 %u:%u 0", description,
		   &major_number, &minor_number) != 3)
		return EINVAL;
	if (syscall(SYS_request_key, "logon", description, NULL, 0) < 0)
		return ENOKEY;
	store = open_store(major_number, minor_number);
	if (store < 0)
		return errno;
	result = put_loop_over(store, map, task->sectors);
	close(store);
	if (result == 0)
		show_holder(major_number, minor_number, map->number);
	strcpy(map->table, "crypt");
	map->sectors = task->sectors;
	return result == 0 && save(task->name, map) < 0 ? errno : result;
}

/* True if this process has the device open: then a deferred removal arms it. */
static bool arming(const struct map *map)
{
	struct stat found;

	for (int fd = 3; fd < 64; fd++)
		if (fstat(fd, &found) == 0 && S_ISBLK(found.st_mode) &&
		    found.st_rdev == makedev(LOOP_MAJOR, (unsigned int)map->number))
			return true;
	return false;
}

static int do_remove(struct dm_task *task)
{
	struct map map;
	int loop;

	if (!find(task->name, &map))
		return ENXIO;
	if (!task->deferred)
		return EBUSY;
	if (strcmp(map.table, "none") == 0) {
		forget(task->name, map.number);
		return 0;
	}
	if (strcmp(map.table, "error") == 0 && map.pid == 0 && arming(&map)) {
		strcpy(map.table, "armed");
		map.pid = getpid();
		return save(task->name, &map) < 0 ? errno : 0;
	}
	if (strcmp(map.table, "crypt") != 0) {
		forget(task->name, map.number);
		return 0;
	}
	loop = open_loop(map.number);
	if (loop < 0)
		return errno;
	syscall(SYS_ioctl, loop, LOOP_CLR_FD, 0);
	close(loop);
	find(task->name, &map);
	return 0;
}

static int do_info(struct dm_task *task)
{
	char autoclear[128];

	if (!find(task->name, &task->map))
		return ENXIO;
	loop_attribute(task->map.number, "autoclear", autoclear);
	task->info = (struct dm_info){ .exists = 1,
				       .major = LOOP_MAJOR,
				       .minor = (uint32_t)task->map.number,
				       .deferred_remove = autoclear[0] == '1' };
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
		if (entry->d_name[0] == '.' || !find(entry->d_name, &map))
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
	return 0;
}

static int do_reload(struct dm_task *task)
{
	struct map map;

	if (!find(task->name, &map))
		return ENXIO;
	return strcmp(task->type, "crypt") == 0 ? load_crypt(task, &map) : load_error(task, &map);
}

static int do_look(struct dm_task *task)
{
	return find(task->name, &task->map) ? 0 : ENXIO;
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
	{ DM_DEVICE_LIST, "list", do_list },
	{ DM_DEVICE_LIST_VERSIONS, "versions", do_versions },
};

int dm_task_run(struct dm_task *task)
{
	const struct kind *kind = kinds;

	while (kind->kind != task->kind)
		kind++;
	task->number_of_error =
		event("%s%s%s%s%s%s%s%s%s", kind->event, task->deferred ? "-deferred" : "",
		      strcmp(task->type, "crypt") == 0 ? "-crypt" : "", task->name[0] ? " " : "",
		      task->name, task->type[0] ? " " : "", task->type, task->params[0] ? " " : "",
		      task->params);
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
