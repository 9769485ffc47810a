/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "record.h"
#include "xen.h"

/* The devices of libxl that end in storage (libxl_types_internal.idl, libxl__device_kind). */
static const char *const kinds[] = { "vbd", "virtio_disk", "9pfs", "vscsi", "vusb", "pci" };

static char *read_node(struct xen *xen, const char *folder, const char *node)
{
	char path[160];
	unsigned int length;

	snprintf(path, sizeof(path), "%s/%s", folder, node);
	return xs_read(xen->xs, XBT_NULL, path, &length);
}

static uint32_t read_backend(struct xen *xen, const char *folder)
{
	cleanup_free char *path = read_node(xen, folder, "backend");
	uint32_t domid = UINT32_MAX;

	/* "/local/domain/<backend>/backend/vbd/<domid>/<devid>" */
	if (path == NULL || sscanf(path, "/local/domain/%" SCNu32 "/", &domid) != 1)
		return UINT32_MAX;
	return domid;
}

static void read_disk(struct xen *xen, const char *folder, struct record_disk *disk)
{
	cleanup_free char *mode = read_node(xen, folder, "mode");
	cleanup_free char *device = read_node(xen, folder, "dev");

	disk->backend = read_backend(xen, folder);
	/* What is not known to be read-only counts as writable. */
	disk->writable = mode == NULL || strcmp(mode, "r") != 0;
	disk->params = read_node(xen, folder, "params");
	disk->script = read_node(xen, folder, "script");
	if (device != NULL && device[0] != '\0')
		snprintf(disk->vdev, sizeof(disk->vdev), "%s", device);
	else
		snprintf(disk->vdev, sizeof(disk->vdev), "%s %u", disk->kind, disk->devid);
}

static struct record_disk *add_disk(struct record *record)
{
	struct record_disk *disks =
		realloc(record->disks, (record->count + 1) * sizeof(*record->disks));

	if (disks == NULL)
		return NULL;
	record->disks = disks;
	memset(&disks[record->count], 0, sizeof(*disks));
	return &disks[record->count++];
}

static int read_kind(struct xen *xen, uint32_t domid, const char *kind, struct record *record,
		     struct error *err)
{
	char folder[96], entry[128];
	unsigned int count = 0;
	cleanup_free char **names = NULL;
	struct record_disk *disk;

	snprintf(folder, sizeof(folder), "/libxl/%" PRIu32 "/device/%s", domid, kind);
	names = xs_directory(xen->xs, XBT_NULL, folder, &count);
	if (names == NULL && errno != ENOENT)
		return error_set(err, errno, folder, NULL, "cannot read libxl's record");
	for (unsigned int i = 0; names != NULL && i < count; i++) {
		disk = add_disk(record);
		if (disk == NULL)
			return error_set(err, ENOMEM, NULL, NULL, "cannot read libxl's record");
		disk->domid = domid;
		disk->devid = (uint32_t)strtoul(names[i], NULL, 10);
		snprintf(disk->kind, sizeof(disk->kind), "%s", kind);
		snprintf(entry, sizeof(entry), "%s/%.20s", folder, names[i]);
		read_disk(xen, entry, disk);
	}
	return 0;
}

static int by_device(const void *a, const void *b)
{
	const struct record_disk *first = a, *second = b;

	return first->devid < second->devid ? -1 : first->devid > second->devid;
}

int record_read(struct xen *xen, uint32_t domid, struct record *record, struct error *err)
{
	memset(record, 0, sizeof(*record));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (read_kind(xen, domid, kinds[i], record, err) < 0) {
			record_free(record);
			return -1;
		}
	if (record->count > 1)
		qsort(record->disks, record->count, sizeof(*record->disks), by_device);
	return 0;
}

void record_free(struct record *record)
{
	for (unsigned int i = 0; i < record->count; i++) {
		free(record->disks[i].params);
		free(record->disks[i].script);
	}
	free(record->disks);
	memset(record, 0, sizeof(*record));
}

bool record_has(const struct record *record, uint32_t devid, const char *kind)
{
	for (unsigned int i = 0; i < record->count; i++)
		if (record->disks[i].devid == devid &&
		    (kind == NULL || strcmp(record->disks[i].kind, kind) == 0))
			return true;
	return false;
}

bool record_is_ephemeral(const struct record_disk *disk)
{
	const char *slash = disk->script ? strrchr(disk->script, '/') : NULL;

	/* libxl writes the whole path (libxl_disk.c). */
	return slash != NULL && strcmp(slash + 1, "block-ephemeral") == 0;
}
