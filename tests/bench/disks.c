/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disks COUNT TARGET DOMID: that many disks of the backend's own making, one each for the domids from DOMID on, in one
 * process: what a bench needs many of, whose making is not what it measures. Prints "held" when all are there, and
 * holds them until standard input ends; then they go, as all that is armed does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "volume.h"

#define DISKS_MAX 512

static int build(unsigned int count, const char *target, uint32_t domid, struct error *err)
{
	static struct volume volumes[DISKS_MAX];
	struct role role;

	if (process_prepare(err) < 0 || role_parse(target, strlen(target), &role, err) < 0)
		return -1;
	for (unsigned int i = 0; i < count; i++) {
		struct mapping_owner owner = { .domid = domid + i, .devid = 51744 };

		if (volume_build(&role, owner, &volumes[i], err) < 0)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int count = argc == 4 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0;
	struct error err;
	char text[1024];
	char byte;

	if (count == 0 || count > DISKS_MAX) {
		fprintf(stderr, "usage: disks COUNT TARGET DOMID, at most %d\n", DISKS_MAX);
		return 2;
	}
	if (build(count, argv[2], (uint32_t)strtoul(argv[3], NULL, 10), &err) < 0) {
		error_full(&err, text, sizeof(text));
		fprintf(stderr, "disks: %s\n", text);
		return EXIT_FAILURE;
	}
	printf("held\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return EXIT_SUCCESS;
}
