/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xen-ephemeral-block: what the hotplug script block-ephemeral runs.
 *
 * libxl gives it one word, add or remove, and XENBUS_PATH (docs/misc/block-scripts.txt).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "deadline.h"
#include "process.h"
#include "vbd.h"
#include "verb.h"

#define PROGRAM "xen-ephemeral"

static const struct verb {
	const char *name;
	int (*run)(struct vbd *vbd, struct error *err);
} verbs[] = {
	{ "add", verb_add },
	{ "remove", verb_remove },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* "add: disk 51744 of domain 7", as every message goes on after the program's name. */
static void name_disk(const char *verb, const struct vbd *vbd, char *text, size_t size)
{
	if (vbd->path[0] != '\0')
		snprintf(text, size, "%s: disk %u of domain %u", verb, vbd->devid, vbd->domid);
	else
		snprintf(text, size, "%s", verb);
}

/* To the operator's terminal or xl's log, and to syslog: whole, for the host only. */
static void report(const char *verb, const struct vbd *vbd, const struct error *err)
{
	char full[1024], disk[96];

	error_full(err, full, sizeof(full));
	name_disk(verb, vbd, disk, sizeof(disk));
	fprintf(stderr, PROGRAM ": %s: %s\n", disk, full);
	openlog(PROGRAM, LOG_PID, LOG_DAEMON);
	syslog(LOG_ERR, "%s: %s", disk, full);
	closelog();
}

static int run(const struct verb *verb, struct vbd *vbd, struct error *err)
{
	char who[128] = PROGRAM ": ";
	size_t used = strlen(who);

	if (process_prepare(err) < 0 || vbd_parse_path(getenv("XENBUS_PATH"), vbd, err) < 0)
		return -1;
	name_disk(verb->name, vbd, who + used, sizeof(who) - used);
	if (deadline_start(who, DEADLINE_HOTPLUG, err) < 0)
		return -1;
	return verb->run(vbd, err);
}

int main(int argc, char **argv)
{
	const struct verb *verb = argc == 2 ? find_verb(argv[1]) : NULL;
	struct vbd vbd = { 0 };
	struct error err;
	int result;

	if (verb == NULL) {
		fprintf(stderr, "usage: XENBUS_PATH=backend/vbd/DOMID/DEVID %s add|remove\n",
			"xen-ephemeral-block");
		return EXIT_FAILURE;
	}
	result = run(verb, &vbd, &err);
	if (result < 0)
		report(verb->name, &vbd, &err);
	vbd_close(&vbd);
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
