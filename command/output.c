/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "output.h"
#include "size.h"

void output_clean(const char *from, char *text, size_t size)
{
	error_copy_printable(text, size, from);
}

void output_name_disk(uint32_t devid, char *text, size_t size)
{
	/* 202 << 8 | disk << 4 | partition, for the first 16 disks; then 1 << 28 | disk << 8. */
	if (devid >> 8 == 202 && (devid & 15) == 0)
		snprintf(text, size, "xvd%c", (char)('a' + (devid >> 4 & 15)));
	else if (devid >> 28 == 1 && (devid & 255) == 0 && (devid >> 8 & 0xfffff) < 26)
		snprintf(text, size, "xvd%c", (char)('a' + (devid >> 8 & 0xfffff)));
	else
		snprintf(text, size, "disk %" PRIu32, devid);
}

void output_name(const struct device *device, char *text, size_t size)
{
	char disk[32];

	if (device->identity.named) {
		snprintf(text, size, "volume %s", device->identity.volume);
		return;
	}
	output_name_disk(device->identity.devid, disk, sizeof(disk));
	snprintf(text, size, "%s%s of domain %" PRIu32,
		 device->identity.part == MAPPING_STORE ? "store of " : "", disk,
		 device->identity.domid);
}

static const char *state_word(const struct device *device)
{
	switch (device->table) {
	case DEVICE_CRYPT:
		return "encrypted";
	case DEVICE_SNAPSHOT:
		return device->encrypted ? "encrypted" : "not encrypted";
	case DEVICE_WIPED:
		return "wiped";
	case DEVICE_EMPTY:
		return "empty";
	default:
		return "foreign table";
	}
}

/* ", 12.5 MiB of 64 MiB used, origin PATH", or nothing for what is no snapshot. */
static void describe_snapshot(const struct device *device, char *text, size_t size)
{
	char used[SIZE_TEXT_MAX], total[SIZE_TEXT_MAX], fill[96], origin[512];

	text[0] = '\0';
	if (device->table != DEVICE_SNAPSHOT)
		return;
	size_format(device->fill.used * 512, used);
	size_format(device->fill.total * 512, total);
	if (device->fill.invalid)
		snprintf(fill, sizeof(fill), "%s", "OVERFLOWED: every request fails");
	else
		snprintf(fill, sizeof(fill), "%s of %s used", used, total);
	output_clean(device->origin, origin, sizeof(origin));
	snprintf(text, size, "%s, origin %s, ", fill, origin);
}

void output_describe(const struct device *device, char *text, size_t size)
{
	char bytes[SIZE_TEXT_MAX], written[SIZE_TEXT_MAX], age[SIZE_TEXT_MAX] = "age unknown",
							   store[512], snapshot[700];

	size_format(device->bytes, bytes);
	size_format(device->written, written);
	if (device->age >= 0)
		size_format_time((uint64_t)device->age, age);
	output_clean(device->store, store, sizeof(store));
	describe_snapshot(device, snapshot, sizeof(snapshot));
	snprintf(text, size, "%s, %s written, %s, %s, open %d, %s, %s%s", bytes, written,
		 state_word(device), device->state.armed ? "armed" : "not armed",
		 device->state.openers, age, snapshot, store);
}

void output_add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text ? json_object_new_string(text) : NULL);
}

void output_add_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static void add_snapshot(struct json_object *object, const struct device *device)
{
	output_add_text(object, "origin", device->origin);
	json_object_object_add(object, "overflowed", json_object_new_boolean(device->fill.invalid));
	/* The kernel forgets both when it overflows. */
	if (device->fill.invalid)
		return;
	output_add_number(object, "used", device->fill.used * 512);
	output_add_number(object, "store_size", device->fill.total * 512);
}

struct json_object *output_device(const struct device *device)
{
	struct json_object *object = json_object_new_object();
	char node[32];

	snprintf(node, sizeof(node), "/dev/dm-%u", minor(device->state.device));
	if (device->identity.named) {
		output_add_text(object, "volume", device->identity.volume);
	} else {
		output_add_number(object, "domid", device->identity.domid);
		output_add_number(object, "devid", device->identity.devid);
	}
	output_add_text(object, "mapping", device->name);
	output_add_text(object, "device", node);
	output_add_text(object, "state", state_word(device));
	json_object_object_add(object, "armed", json_object_new_boolean(device->state.armed));
	output_add_number(object, "open", (uint64_t)device->state.openers);
	output_add_number(object, "size", device->bytes);
	output_add_number(object, "written", device->written);
	if (device->age >= 0)
		output_add_number(object, "age", (uint64_t)device->age);
	output_add_text(object, "store", device->encrypted ? device->store : NULL);
	if (device->table == DEVICE_SNAPSHOT)
		add_snapshot(object, device);
	return object;
}

struct json_object *output_result(const struct device *device, const char *result,
				  const char *reason)
{
	struct json_object *object = output_device(device);

	output_add_text(object, "result", result);
	if (reason != NULL)
		output_add_text(object, "reason", reason);
	return object;
}

void output_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
