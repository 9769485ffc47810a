/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many disks without domains: what libxl does to a disk, in one process, so that the time of a test
 * is the hotplug script's own.
 *
 *	vbds make DOMID COUNT PARAMS   a writable disk each for the domids from DOMID on
 *	vbds add DOMID COUNT           the script's `add` for all of them at once
 *	vbds drop DOMID COUNT          takes their nodes away; blkback lets go
 *	vbds remove DOMID COUNT        the script's `remove` for all of them at once
 *	vbds cycle DOMID COUNT PARAMS  all four for one disk, COUNT times
 *
 * add and cycle print how long each `add` took, in milliseconds. Every verb waits for blkback, and
 * fails with a line on stderr for each disk that failed. The script gets no environment but Xen's, and
 * VBDS_PRELOAD as its LD_PRELOAD.
 */
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#define SCRIPT	  "/etc/xen/scripts/block-ephemeral"
#define DEVID	  "51744"
#define BACK	  "/local/domain/0/backend/vbd/%u/" DEVID
#define FRONT	  "/local/domain/%u/device/vbd/" DEVID
#define WAIT_MS	  60000
#define DISKS_MAX 256

static struct xs_handle *xs;
static const char *params;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int complain(unsigned int domid, const char *what)
{
	fprintf(stderr, "vbds: disk of domain %u: %s\n", domid, what);
	return -1;
}

static int put(const char *folder, const char *node, const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, node);
	if (xs_write(xs, XBT_NULL, path, value, (unsigned int)strlen(value)))
		return 0;
	fprintf(stderr, "vbds: %s: %s\n", path, strerror(errno));
	return -1;
}

static bool waits(unsigned int domid)
{
	char path[128];
	char *state;
	bool result;

	snprintf(path, sizeof(path), BACK "/state", domid);
	state = xs_read(xs, XBT_NULL, path, NULL);
	result = state != NULL && strcmp(state, "2") == 0;
	free(state);
	return result;
}

static bool closed(unsigned int domid)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/vbd-%u-" DEVID, domid);
	return access(path, F_OK) < 0;
}

static int await(bool (*condition)(unsigned int), unsigned int domid, const char *otherwise)
{
	const struct timespec little = { .tv_nsec = 5000000 };
	uint64_t end = now_ms() + WAIT_MS;

	while (!condition(domid)) {
		if (now_ms() > end)
			return complain(domid, otherwise);
		nanosleep(&little, NULL);
	}
	return 0;
}

/* The nodes that blkback and the script read (libxl_disk.c, device_disk_add); state comes last. */
static int make_one(unsigned int domid)
{
	char front[128], back[128], number[16];

	snprintf(front, sizeof(front), FRONT, domid);
	snprintf(back, sizeof(back), BACK, domid);
	snprintf(number, sizeof(number), "%u", domid);
	if (put(front, "backend", back) < 0 || put(front, "backend-id", "0") < 0 ||
	    put(front, "state", "1") < 0 || put(back, "frontend", front) < 0 ||
	    put(back, "frontend-id", number) < 0 || put(back, "online", "1") < 0 ||
	    put(back, "dev", "xvdc") < 0 || put(back, "type", "phy") < 0 ||
	    put(back, "mode", "w") < 0 || put(back, "params", params) < 0)
		return -1;
	return put(back, "state", "1");
}

static int make(unsigned int first, unsigned int count)
{
	int result = 0;

	for (unsigned int i = 0; i < count; i++)
		result |= make_one(first + i);
	for (unsigned int i = 0; i < count && result == 0; i++)
		result |= await(waits, first + i, "blkback does not wait for it");
	return result;
}

static int drop(unsigned int first, unsigned int count)
{
	char path[128];
	int result = 0;

	for (unsigned int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/%u", first + i);
		xs_rm(xs, XBT_NULL, path);
		snprintf(path, sizeof(path), "/local/domain/%u", first + i);
		xs_rm(xs, XBT_NULL, path);
	}
	for (unsigned int i = 0; i < count; i++)
		result |= await(closed, first + i, "blkback keeps it");
	return result;
}

struct run {
	pid_t pid;
	uint64_t started;
	uint64_t took;
	int status;
};

static int start(const char *verb, unsigned int domid, struct run *run)
{
	char path[64], preload[128];
	const char *library = getenv("VBDS_PRELOAD");
	char *arguments[] = { (char *)SCRIPT, (char *)verb, NULL };
	char *environment[] = { path,
				(char *)"XENBUS_TYPE=vbd",
				(char *)"XENBUS_BASE_PATH=backend",
				(char *)"script=" SCRIPT,
				preload,
				NULL };

	snprintf(path, sizeof(path), "XENBUS_PATH=backend/vbd/%u/" DEVID, domid);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", library ? library : "");
	run->started = now_ms();
	if (posix_spawn(&run->pid, SCRIPT, NULL, NULL, arguments, environment) != 0)
		return complain(domid, "cannot run the script");
	return 0;
}

static void reap(struct run *runs, unsigned int count)
{
	int status;
	pid_t pid = wait(&status);

	for (unsigned int i = 0; i < count; i++) {
		if (runs[i].pid != pid)
			continue;
		runs[i].took = now_ms() - runs[i].started;
		runs[i].status = status;
	}
}

static int run_all(const char *verb, unsigned int first, unsigned int count)
{
	struct run runs[DISKS_MAX] = { { 0 } };
	int result = 0;

	for (unsigned int i = 0; i < count; i++)
		if (start(verb, first + i, &runs[i]) < 0)
			return -1;
	for (unsigned int i = 0; i < count; i++)
		reap(runs, count);
	for (unsigned int i = 0; i < count; i++) {
		if (runs[i].status != 0)
			result = complain(first + i, "the script failed");
		if (strcmp(verb, "add") == 0)
			printf("%" PRIu64 "\n", runs[i].took);
	}
	return result;
}

static int add(unsigned int first, unsigned int count)
{
	return run_all("add", first, count);
}

static int remove_all(unsigned int first, unsigned int count)
{
	return run_all("remove", first, count);
}

static int cycle(unsigned int domid, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (make(domid, 1) < 0 || add(domid, 1) < 0 || drop(domid, 1) < 0 ||
		    remove_all(domid, 1) < 0)
			return -1;
	return 0;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(unsigned int first, unsigned int count);
} verbs[] = {
	{ "make", 3, make },	     { "add", 2, add },	    { "drop", 2, drop },
	{ "remove", 2, remove_all }, { "cycle", 3, cycle },
};

static int run_verb(size_t verb, char **arguments)
{
	unsigned int count = (unsigned int)strtoul(arguments[1], NULL, 10);

	params = arguments[2];
	xs = xs_open(0);
	if (xs == NULL || count > (verbs[verb].run == cycle ? UINT16_MAX : DISKS_MAX)) {
		fprintf(stderr, "vbds: no xenstore, or too many disks\n");
		return -1;
	}
	return verbs[verb].run((unsigned int)strtoul(arguments[0], NULL, 10), count);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[1], verbs[i].name) == 0 && argc == verbs[i].arguments + 2)
			return run_verb(i, argv + 2) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	fprintf(stderr, "usage: vbds make|add|drop|remove|cycle DOMID COUNT [PARAMS]\n");
	return 2;
}
