/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backend's modules without Xen, for the vm tier:
 *
 *	tool hold TARGET DOMID DEVID  builds a volume or a cow disk or opens an origin, prints its device (and the
 *	                              mapping's name), and holds it until standard input ends
 *	tool look NAME                prints how a mapping stands
 *	tool wipe NAME MS             swaps in the error table
 *	tool cow-wipe NAME MS         the same for a cow disk, by its snapshot, and its store
 *	tool forget NAME              arms or removes
 *	tool scan NAME MARKER-FILE    searches a mapping and its store, as verify --scan does
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cow.h"
#include "deadline.h"
#include "device.h"
#include "origin.h"
#include "process.h"
#include "verify-scan.h"
#include "volume.h"

static void wait_for_end(const char *name, dev_t device)
{
	char byte;

	printf("holding %u:%u %s\n", major(device), minor(device), name);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static int hold_origin(const char *path, struct error *err)
{
	struct origin origin;

	if (origin_open(path, &origin, err) < 0)
		return -1;
	wait_for_end("", origin.device);
	origin_close(&origin);
	return 0;
}

static int hold_cow(const struct role *role, struct mapping_owner owner, struct error *err)
{
	struct cow cow;

	if (cow_build(role, owner, &cow, err) < 0)
		return -1;
	wait_for_end(cow.mapping.name, cow.mapping.device);
	mapping_close(&cow.mapping);
	return 0;
}

static int hold(char **arguments, struct error *err)
{
	struct mapping_owner owner = { .domid = (uint32_t)atoi(arguments[1]),
				       .devid = (uint32_t)atoi(arguments[2]) };
	struct volume volume;
	struct role role;

	if (role_parse(arguments[0], strlen(arguments[0]), &role, err) < 0)
		return -1;
	if (role.kind == ROLE_READ_ONLY)
		return hold_origin(role.origin, err);
	if (role.kind == ROLE_COW)
		return hold_cow(&role, owner, err);
	if (volume_build(&role, owner, &volume, err) < 0)
		return -1;
	wait_for_end(volume.mapping.name, volume.mapping.device);
	mapping_close(&volume.mapping);
	return 0;
}

static int look(char **arguments, struct error *err)
{
	struct mapping_state state;

	if (mapping_look(arguments[0], &state, err) < 0)
		return -1;
	printf("exists=%d armed=%d ours=%d openers=%d\n", state.exists, state.armed, state.ours,
	       state.openers);
	return 0;
}

static int wipe(char **arguments, struct error *err)
{
	return mapping_wipe(arguments[0], (unsigned int)atoi(arguments[1]), err);
}

static int wipe_cow(char **arguments, struct error *err)
{
	return cow_wipe(arguments[0], (unsigned int)atoi(arguments[1]), err);
}

static int forget(char **arguments, struct error *err)
{
	return mapping_forget(arguments[0], err);
}

static int scan(char **arguments, struct error *err)
{
	struct proof proof = { 0 };
	struct scan_marker marker;
	struct device device;
	int found = device_look(arguments[0], &device, err);

	if (found < 0 || scan_read_marker(arguments[1], &marker, err) < 0 ||
	    deadline_start("tool", 60, err) < 0)
		return -1;
	if (found == 0)
		return error_set(err, 0, arguments[0], "there is none", "cannot scan");
	verify_scan(&proof, "disk", &device, &marker);
	return proof.broken ? error_set(err, 0, NULL, NULL, "broken") : 0;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(char **arguments, struct error *err);
} verbs[] = {
	{ "hold", 3, hold },	     { "look", 1, look },     { "wipe", 2, wipe },
	{ "cow-wipe", 2, wipe_cow }, { "forget", 1, forget }, { "scan", 2, scan },
};

int main(int argc, char **argv)
{
	struct error err;
	char text[1024];

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0 || argc != verbs[i].arguments + 2)
			continue;
		if (process_prepare(&err) == 0 && verbs[i].run(argv + 2, &err) == 0)
			return EXIT_SUCCESS;
		error_full(&err, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
		return EXIT_FAILURE;
	}
	fprintf(stderr, "usage: tool hold|look|wipe|forget|scan ...\n");
	return 2;
}
