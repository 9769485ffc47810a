/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral status [DOMAIN]: each domain's ephemeral disks, named volumes, and what is left over. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blkback.h"
#include "cleanup.h"
#include "command.h"
#include "orphan-loop.h"
#include "output.h"
#include "ownership.h"
#include "record.h"
#include "size.h"
#include "sysfs.h"

struct status {
	struct xen *xen;
	struct inventory inventory;
	bool *left; /* one for each device of the inventory */
	unsigned int left_count;
	struct json_object *json;  /* NULL: text for people */
	struct json_object *loops; /* in json */
};

static struct json_object *add_array(struct status *status, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(status->json, key, array);
	return array;
}

/* The size of what blkback serves, in bytes; 0 where it serves nothing. */
static uint64_t served_bytes(const struct record_disk *disk)
{
	struct blkback_disk served;
	struct error ignored;
	char value[SYSFS_VALUE_MAX];

	if (blkback_look(disk->domid, disk->devid, &served, &ignored) != 1 ||
	    sysfs_read_device(served.device, "size", value) < 0)
		return 0;
	return strtoull(value, NULL, 10) * 512;
}

static void describe_origin(const struct record_disk *disk, char *text, size_t size)
{
	char bytes[SIZE_TEXT_MAX], path[512];

	size_format(served_bytes(disk), bytes);
	output_clean(disk->params ? disk->params : "no target", path, sizeof(path));
	snprintf(text, size, "%s, %s", bytes, path);
}

/* The role that target= names. */
static const char *role_word(const struct record_disk *disk)
{
	if (disk->params != NULL && strncmp(disk->params, "volatile:", strlen("volatile:")) == 0)
		return "volatile";
	if (disk->params != NULL && strncmp(disk->params, "cow:", strlen("cow:")) == 0)
		return "cow";
	return "read-only";
}

static bool has_device(const struct record_disk *disk)
{
	return strcmp(role_word(disk), "read-only") != 0;
}

static void print_disk(const struct record_disk *disk, const struct device *device, bool last)
{
	char text[1024], name[32];

	if (!has_device(disk))
		describe_origin(disk, text, sizeof(text));
	else if (device != NULL)
		output_describe(device, text, sizeof(text));
	else if (disk->backend != 0)
		snprintf(text, sizeof(text), "served by domain %" PRIu32 ": look there",
			 disk->backend);
	else
		snprintf(text, sizeof(text), "%s",
			 "no device: refused, detached, or not there yet");
	output_clean(disk->vdev, name, sizeof(name));
	printf("%s- %-5s %-9s %s\n", last ? "`" : "|", name, role_word(disk), text);
}

static struct json_object *json_disk(const struct record_disk *disk, const struct device *device)
{
	struct json_object *object;

	if (has_device(disk) && device != NULL) {
		object = output_device(device);
	} else {
		object = json_object_new_object();
		output_add_number(object, "domid", disk->domid);
		output_add_number(object, "devid", disk->devid);
		output_add_number(object, "size", served_bytes(disk));
	}
	output_add_text(object, "vdev", disk->vdev);
	output_add_text(object, "role", role_word(disk));
	output_add_text(object, "target", disk->params);
	output_add_number(object, "backend", disk->backend);
	return object;
}

static void show_disks(struct status *status, const struct record *record, unsigned int count,
		       struct json_object *disks)
{
	for (unsigned int i = 0, shown = 0; i < record->count; i++) {
		const struct record_disk *disk = &record->disks[i];
		const struct device *device =
			inventory_find(&status->inventory, disk->domid, disk->devid);

		if (!record_is_ephemeral(disk))
			continue;
		shown++;
		if (disks != NULL)
			json_object_array_add(disks, json_disk(disk, device));
		else
			print_disk(disk, device, shown == count);
	}
}

static unsigned int count_ephemeral(const struct record *record)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < record->count; i++)
		count += record_is_ephemeral(&record->disks[i]);
	return count;
}

static void show_record(struct status *status, uint32_t domid, const struct record *record,
			struct json_object *domains)
{
	cleanup_free char *name = domain_name(status->xen, domid);
	unsigned int count = count_ephemeral(record);
	struct json_object *object, *disks;
	char text[128];

	if (count == 0)
		return;
	if (domains == NULL) {
		output_clean(name ? name : "(no name)", text, sizeof(text));
		printf("%s (%" PRIu32 ")\n", text, domid);
		show_disks(status, record, count, NULL);
		return;
	}
	object = json_object_new_object();
	disks = json_object_new_array();
	output_add_number(object, "domid", domid);
	output_add_text(object, "name", name);
	show_disks(status, record, count, disks);
	json_object_object_add(object, "disks", disks);
	json_object_array_add(domains, object);
}

static int show_domain(struct status *status, uint32_t domid, struct json_object *domains,
		       struct error *err)
{
	struct record record;

	if (record_read(status->xen, domid, &record, err) < 0)
		return -1;
	show_record(status, domid, &record, domains);
	record_free(&record);
	return 0;
}

static int show_all_domains(struct status *status, struct json_object *domains, struct error *err)
{
	cleanup_free uint32_t *domids = NULL;
	int count = domain_list(status->xen, &domids, err);

	for (int i = 0; i < count; i++)
		if (show_domain(status, domids[i], domains, err) < 0)
			return -1;
	return count < 0 ? -1 : 0;
}

/* The devices that are wanted, under a heading of their own. */
static void show_devices(struct status *status, const char *heading, const char *key,
			 bool (*wanted)(const struct status *status, unsigned int i))
{
	struct json_object *array = status->json ? add_array(status, key) : NULL;
	char name[160], text[1024];
	bool first = true;

	for (unsigned int i = 0; i < status->inventory.count; i++) {
		const struct device *device = &status->inventory.devices[i];

		if (!wanted(status, i))
			continue;
		if (array != NULL) {
			json_object_array_add(array, output_device(device));
			continue;
		}
		if (first)
			printf("%s\n", heading);
		first = false;
		output_name(device, name, sizeof(name));
		output_describe(device, text, sizeof(text));
		printf("- %s: %s\n", name, text);
	}
}

static bool is_kept_volume(const struct status *status, unsigned int i)
{
	return status->inventory.devices[i].identity.named && !status->left[i];
}

static bool is_left(const struct status *status, unsigned int i)
{
	return status->left[i];
}

/* domid: only what is left of that domain, if it is not NULL. */
static int find_left(struct status *status, const uint32_t *domid, struct error *err)
{
	for (unsigned int i = 0; i < status->inventory.count; i++) {
		const struct device *device = &status->inventory.devices[i];
		int left = ownership_is_left(status->xen, device, err);

		if (left < 0)
			return -1;
		if (domid != NULL && (device->identity.named || device->identity.domid != *domid))
			left = 0;
		status->left[i] = left;
		status->left_count += (unsigned int)left;
	}
	return 0;
}

/* A domain that is gone can still be asked for by its number while something of it is left. */
static int find_domain(struct status *status, const char *text, uint32_t *domid, struct error *err)
{
	char *end;

	if (domain_find(status->xen, text, domid, err) == 0)
		return 1;
	if (err->number != ENOENT || text[0] < '0' || text[0] > '9' || strlen(text) > 9)
		return -1;
	*domid = (uint32_t)strtoul(text, &end, 10);
	for (unsigned int i = 0; *end == '\0' && i < status->inventory.count; i++)
		if (!status->inventory.devices[i].identity.named &&
		    status->inventory.devices[i].identity.domid == *domid)
			return 0;
	return -1;
}

static int show_one(struct status *status, const char *text, struct error *err)
{
	uint32_t domid;
	int found = find_domain(status, text, &domid, err);

	if (found < 0 || find_left(status, &domid, err) < 0)
		return -1;
	if (found == 1 &&
	    show_domain(status, domid, status->json ? add_array(status, "domains") : NULL, err) < 0)
		return -1;
	show_devices(status, "left over:", "left", is_left);
	return 0;
}

static void show_loop(const char *name, void *context)
{
	struct status *status = context;

	status->left_count++;
	if (status->json != NULL)
		json_object_array_add(status->loops, json_object_new_string(name));
	else
		printf("left over: /dev/%s, a loop device on which nothing stands\n", name);
}

static int show_everything(struct status *status, struct error *err)
{
	if (find_left(status, NULL, err) < 0 ||
	    show_all_domains(status, status->json ? add_array(status, "domains") : NULL, err) < 0)
		return -1;
	show_devices(status, "opened by name:", "volumes", is_kept_volume);
	show_devices(status, "left over (xen-ephemeral sweep removes it):", "left", is_left);
	if (status->json != NULL)
		status->loops = add_array(status, "left_loops");
	return orphan_loop_each(show_loop, status, err);
}

static int show(struct status *status, const char *domain, struct error *err)
{
	status->left = calloc(status->inventory.count + 1, sizeof(*status->left));
	if (status->left == NULL)
		return error_set(err, ENOMEM, NULL, NULL, "cannot list the encrypted devices");
	return domain ? show_one(status, domain, err) : show_everything(status, err);
}

enum outcome command_status(const struct arguments *arguments, struct error *err)
{
	struct status status = { .xen = xen_connect(err) };
	int result;

	if (status.xen == NULL)
		return OUTCOME_FAILED;
	if (inventory_read(&status.inventory, err) < 0) {
		xen_close(status.xen);
		return OUTCOME_FAILED;
	}
	if (arguments->seen & OPTION_JSON)
		status.json = json_object_new_object();
	result = show(&status, arguments->operand, err);
	if (status.json != NULL && result == 0)
		output_print(status.json);
	else
		json_object_put(status.json);
	free(status.left);
	inventory_free(&status.inventory);
	xen_close(status.xen);
	if (result < 0)
		return OUTCOME_FAILED;
	return status.left_count > 0 ? OUTCOME_LEFT : OUTCOME_DONE;
}
