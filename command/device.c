/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "device.h"
#include "sysfs.h"

/* An unnamed file's path ends in "/#<inode> (deleted)": its folder is what can be said of it. */
static bool describe_unnamed(const char *path, char *text, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || strncmp(slash, "/#", 2) != 0 || strstr(slash, " (deleted)") == NULL)
		return false;
	snprintf(text, size, "unnamed file in %.*s", slash == path ? 1 : (int)(slash - path), path);
	return true;
}

void device_describe_store(dev_t store, char *text, size_t size)
{
	char value[SYSFS_VALUE_MAX];

	if (sysfs_read_device(store, "loop/backing_file", value) == 0) {
		if (!describe_unnamed(value, text, size))
			snprintf(text, size, "%s", value);
		return;
	}
	if (sysfs_read_device(store, "dm/name", value) == 0) {
		snprintf(text, size, "/dev/mapper/%s", value);
		return;
	}
	if (sysfs_device_name(store, value) == 0)
		snprintf(text, size, "/dev/%s", value);
	else
		snprintf(text, size, "block device %u:%u", major(store), minor(store));
}

/* Field 7 of a block device's stat file is the number of 512-byte sectors written
 * (Documentation/block/stat.rst). */
static uint64_t read_written(dev_t number)
{
	char value[SYSFS_VALUE_MAX];
	uint64_t sectors;

	if (sysfs_read_device(number, "stat", value) < 0 ||
	    sscanf(value, "%*u %*u %*u %*u %*u %*u %" SCNu64, &sectors) != 1)
		return 0;
	return sectors * 512;
}

/* devtmpfs makes the node when the kernel makes the device. */
static int64_t read_age(dev_t number)
{
	char node[32];
	struct statx found;
	struct timespec now;

	snprintf(node, sizeof(node), "/dev/dm-%u", minor(number));
	if (statx(AT_FDCWD, node, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &found) < 0 ||
	    !(found.stx_mask & STATX_BTIME) || clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    now.tv_sec < found.stx_btime.tv_sec)
		return -1;
	return now.tv_sec - found.stx_btime.tv_sec;
}

static bool is_wiped(const struct mapping_table *table)
{
	return table->live && strcmp(table->type, "error") == 0 && !table->loaded;
}

static bool is_crypt(const struct mapping_table *table, struct device *device)
{
	if (!table->live || strcmp(table->type, "crypt") != 0 ||
	    !table_parse_crypt(table->params, &device->crypt))
		return false;
	device_describe_store(device->crypt.store, device->store, sizeof(device->store));
	return true;
}

/* A snapshot is what the device below it is: encrypted, or wiped. What was written is what reached that
 * one, copies of the origin with it. */
static void look_below(struct device *device)
{
	struct mapping_state state;
	struct mapping_table table;
	char name[MAPPING_NAME_MAX];
	struct error ignored;

	if (!mapping_name_other_part(device->name, name) ||
	    mapping_look(name, &state, &ignored) < 0 || !state.exists || !state.ours ||
	    state.device != device->snapshot.store || mapping_read(name, &table, &ignored) < 0)
		return;
	device->written = read_written(state.device);
	device->encrypted = is_crypt(&table, device);
	if (is_wiped(&table))
		device->table = DEVICE_WIPED;
}

static void fill_snapshot(struct device *device)
{
	struct error ignored;

	device->table = DEVICE_SNAPSHOT;
	device_describe_store(device->snapshot.origin, device->origin, sizeof(device->origin));
	if (mapping_read_fill(device->name, &device->fill, &ignored) < 0)
		memset(&device->fill, 0, sizeof(device->fill));
	look_below(device);
}

static void fill(const struct mapping_table *table, struct device *device)
{
	device->bytes = table->sectors * 512;
	device->loaded = table->loaded;
	device->written = read_written(device->state.device);
	device->age = read_age(device->state.device);
	device->table = DEVICE_OTHER;
	snprintf(device->store, sizeof(device->store), "%s", "no store");
	if (!table->live) {
		device->table = DEVICE_EMPTY;
	} else if (is_wiped(table)) {
		device->table = DEVICE_WIPED;
	} else if (is_crypt(table, device)) {
		device->table = DEVICE_CRYPT;
		device->encrypted = true;
	} else if (strcmp(table->type, "snapshot") == 0 &&
		   table_parse_snapshot(table->params, &device->snapshot)) {
		fill_snapshot(device);
	}
}

int device_look(const char *name, struct device *device, struct error *err)
{
	struct mapping_table table;

	memset(device, 0, sizeof(*device));
	snprintf(device->name, sizeof(device->name), "%s", name);
	if (mapping_look(name, &device->state, err) < 0)
		return -1;
	if (!device->state.exists || !device->state.ours)
		return 0;
	device->identity = device->state.identity;
	if (mapping_read(name, &table, err) == 0)
		fill(&table, device);
	else if (err->number == ENXIO)
		return 0;
	else /* one that cannot be read must not keep the others from being wiped */
		device->table = DEVICE_OTHER;
	return 1;
}
