/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How results are written: for people, or as JSON. */
#ifndef XE_OUTPUT_H
#define XE_OUTPUT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "inventory.h"

/* One result of a verb that changes something, for --json. */
struct json_object *output_result(const struct device *device, const char *result,
				  const char *reason);

/* What is known of a device: name, state, store, size and so on, in bytes and seconds. */
struct json_object *output_device(const struct device *device);

/* Adds text, or null for NULL; the pair of json_object_object_add() for strings. */
void output_add_text(struct json_object *object, const char *key, const char *text);

/* The same for a number that is known to fit. */
void output_add_number(struct json_object *object, const char *key, uint64_t number);

/* Prints the object, and frees it. */
void output_print(struct json_object *object);

/* A device in one line for people: "12 GiB, 31 MiB written, armed, open 1, 5 min, unnamed file in ...". */
void output_describe(const struct device *device, char *text, size_t size);

/* Writes how a device is called for people: "xvdc of domain 7", "volume NAME". */
void output_name(const struct device *device, char *text, size_t size);

/* Writes the name of a disk in the guest by its number, "xvdc" (xen-vbd-interface(7)), else the number. */
void output_name_disk(uint32_t devid, char *text, size_t size);

/* Copies what may come from others, such as a domain's name, with control characters as '?'. */
void output_clean(const char *from, char *text, size_t size);

#endif
