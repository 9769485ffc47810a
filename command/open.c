/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral open: a volatile disk for toolstacks that use no hotplug script. */
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "command.h"
#include "output.h"
#include "volume.h"

/* The command's options, in the words of target=, so that one grammar holds for both. */
static int make_role(const struct arguments *arguments, struct role *role, struct error *err)
{
	char text[ROLE_TEXT_MAX];
	const char *path = arguments->dir ? arguments->dir : arguments->dev;
	int length = snprintf(
		text, sizeof(text), "volatile:%s=%s%s%s%s%s%s%s%s", arguments->dir ? "dir" : "dev",
		path, arguments->size ? ",size=" : "", arguments->size ? arguments->size : "",
		arguments->seen & OPTION_DISCARD ? ",discard" : "",
		arguments->sector ? ",sector=" : "", arguments->sector ? arguments->sector : "",
		arguments->workqueue ? ",workqueue=" : "",
		arguments->workqueue ? arguments->workqueue : "");

	if (strchr(path, ',') != NULL)
		return error_set(err, 0, path, "a comma in it", "cannot use the path");
	if (length < 0 || (size_t)length >= sizeof(text))
		return error_set(err, 0, NULL, "longer than 4095 bytes", "cannot use the path");
	return role_parse(text, (size_t)length, role, err);
}

static int check(const struct arguments *arguments, struct role *role, struct error *err)
{
	if (arguments->name == NULL)
		return error_set(err, 0, NULL, NULL, "--name is missing");
	if (!mapping_is_volume_name(arguments->name))
		return error_set(err, 0, arguments->name,
				 "a name has 1 to 95 letters, digits, '.', '_' and '-'",
				 "cannot use --name");
	if ((arguments->dir == NULL) == (arguments->dev == NULL))
		return error_set(err, 0, NULL, NULL, "either --dir or --dev must be there");
	if ((arguments->dir != NULL) != (arguments->size != NULL))
		return error_set(err, 0, NULL, NULL,
				 "--size goes with --dir, and --dir with --size");
	return make_role(arguments, role, err);
}

static void print(const char *name, const struct mapping *mapping, bool json)
{
	struct json_object *object;
	char device[32];

	snprintf(device, sizeof(device), "/dev/dm-%u", minor(mapping->device));
	if (!json) {
		puts(device);
		return;
	}
	object = json_object_new_object();
	output_add_text(object, "volume", name);
	output_add_text(object, "device", device);
	output_add_text(object, "mapping", mapping->name);
	output_print(object);
}

enum outcome command_open(const struct arguments *arguments, struct error *err)
{
	struct volume volume;
	struct role role;

	if (check(arguments, &role, err) < 0)
		return OUTCOME_USAGE;
	if (volume_open(arguments->name, &role, &volume, err) < 0)
		return OUTCOME_FAILED;
	print(arguments->name, &volume.mapping, arguments->seen & OPTION_JSON);
	mapping_close(&volume.mapping);
	return OUTCOME_DONE;
}
