/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dm-device.h"
#include "events.h"

static void map_path(char *path, size_t size, const char *name)
{
	event_path(path, size, "maps/%s", name);
}

/* Whole or not at all, as the kernel does it, whenever the process is killed. */
static int save(const char *name, const struct map *map)
{
	char path[512], fresh[512];
	FILE *file;

	map_path(path, sizeof(path), name);
	event_path(fresh, sizeof(fresh), "maps/.%d", getpid());
	file = fopen(fresh, "we");
	if (file == NULL)
		return -1;
	fprintf(file, "%d %d %s %s %ju\n", map->number, map->pid, map->uuid, map->table,
		(uintmax_t)map->sectors);
	return fclose(file) != 0 || rename(fresh, path) < 0 ? -1 : 0;
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

/*
 * All traces of a device that the kernel has taken away, so that its number is free again. The loop
 * device stays for the next one: to remove it makes the kernel wait (synchronize_rcu) each time.
 */
static void forget(const char *name, int number)
{
	char path[512];

	snprintf(path, sizeof(path), "/dev/dm-%d", number);
	unlink(path);
	hide_holder(number);
	map_path(path, sizeof(path), name);
	unlink(path);
}

bool device_find(const char *name, struct map *map)
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

/* Whether a device that still stands has this number. Those that are gone are forgotten on the way. */
static bool number_is_mapped(int number)
{
	char path[512];
	struct dirent *entry;
	struct map map;
	bool found = false;
	DIR *dir;

	event_path(path, sizeof(path), "maps");
	dir = opendir(path);
	while (!found && dir != NULL && (entry = readdir(dir)) != NULL)
		found = entry->d_name[0] != '.' && device_find(entry->d_name, &map) &&
			map.number == number;
	if (dir != NULL)
		closedir(dir);
	return found;
}

/*
 * Whether the number can be had again: its device is gone, or the process that took it was killed before
 * it made one. A test that makes many, or that kills, would need many numbers otherwise.
 */
static bool give_back(const char *node, int number)
{
	char pid[16] = "";

	if (number_is_mapped(number))
		return false;
	if (readlink(node, pid, sizeof(pid) - 1) < 0)
		return errno == ENOENT;
	return kill(atoi(pid), 0) < 0 && unlink(node) == 0;
}

/* A number is taken by the one that makes its node: at first a link that says which process that is. */
static int take_number(int *number)
{
	char node[64], pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	for (*number = atoi(getenv("SHIM_BASE"));; ++*number)
		do {
			snprintf(node, sizeof(node), "/dev/dm-%d", *number);
			if (symlink(pid, node) == 0)
				return 0;
			if (errno != EEXIST)
				return errno;
		} while (give_back(node, *number));
}

int device_create(const char *name, const char *uuid, struct map *map)
{
	int control, result;

	*map = (struct map){ .table = "none" };
	result = take_number(&map->number);
	if (result != 0)
		return result;
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return errno;
	syscall(SYS_ioctl, control, LOOP_CTL_ADD, map->number);
	close(control);
	strcpy(map->uuid, uuid);
	return save(name, map) < 0 ? errno : 0;
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
int device_load_error(const char *name, struct map *map)
{
	char node[64];

	if (strcmp(map->table, "none") != 0)
		return 0;
	snprintf(node, sizeof(node), "/dev/dm-%d", map->number);
	unlink(node);
	if (mknod(node, S_IFBLK | 0600, makedev(LOOP_MAJOR, (unsigned int)map->number)) < 0)
		return errno;
	strcpy(map->table, "error");
	return save(name, map) < 0 ? errno : 0;
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

static int load_over(const char *name, struct map *map, uint64_t sectors, const char *table,
		     unsigned int major_number, unsigned int minor_number)
{
	int result, store = open_store(major_number, minor_number);

	if (store < 0)
		return errno;
	result = put_loop_over(store, map, sectors);
	close(store);
	if (result == 0)
		show_holder(major_number, minor_number, map->number);
	strcpy(map->table, table);
	map->sectors = sectors;
	return result == 0 && save(name, map) < 0 ? errno : result;
}

int device_load_snapshot(const char *name, struct map *map, uint64_t sectors, const char *params)
{
	unsigned int major_number, minor_number;

	if (sscanf(params, "%*u:%*u %u:%u N 16", &major_number, &minor_number) != 2)
		return EINVAL;
	return load_over(name, map, sectors, "snapshot", major_number, minor_number);
}

int device_load_crypt(const char *name, struct map *map, uint64_t sectors, const char *params)
{
	unsigned int major_number, minor_number;
	char description[128];

	if (sscanf(params, "aes-xts-plain64 :64:logon:%127s 0 %u:%u 0", description, &major_number,
		   &minor_number) != 3)
		return EINVAL;
	if (syscall(SYS_request_key, "logon", description, NULL, 0) < 0)
		return ENOKEY;
	return load_over(name, map, sectors, "crypt", major_number, minor_number);
}

bool device_is_armed(const struct map *map)
{
	char autoclear[128];

	loop_attribute(map->number, "autoclear", autoclear);
	return autoclear[0] == '1';
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

int device_remove_deferred(const char *name)
{
	struct map map;
	int loop;

	if (!device_find(name, &map))
		return ENXIO;
	if (strcmp(map.table, "none") == 0) {
		forget(name, map.number);
		return 0;
	}
	if (strcmp(map.table, "error") == 0 && map.pid == 0 && arming(&map)) {
		strcpy(map.table, "armed");
		map.pid = getpid();
		return save(name, &map) < 0 ? errno : 0;
	}
	if (strcmp(map.table, "crypt") != 0 && strcmp(map.table, "snapshot") != 0) {
		forget(name, map.number);
		return 0;
	}
	loop = open_loop(map.number);
	if (loop < 0)
		return errno;
	syscall(SYS_ioctl, loop, LOOP_CLR_FD, 0);
	close(loop);
	device_find(name, &map);
	return 0;
}
