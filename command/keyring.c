/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "deadline.h"
#include "keyring.h"

bool keyring_line_names(const char *line, const char *description)
{
	size_t length = strlen(description);
	char type[16];
	int used = 0;

	/* serial, flags, usage, timeout, permissions, uid, gid, type, then the description. */
	if (sscanf(line, "%*x %*s %*s %*s %*x %*s %*s %15s %n", type, &used) != 1 || used == 0 ||
	    strcmp(type, "logon") != 0 || strncmp(line + used, description, length) != 0)
		return false;
	return strchr(":\n", line[(size_t)used + length]) != NULL; /* the final NUL too */
}

static int look(const char *description)
{
	FILE *file = fopen("/proc/keys", "re");
	cleanup_free char *line = NULL;
	size_t size = 0;
	int found = 0;

	if (file == NULL)
		return -1;
	while (!found && getline(&line, &size, file) >= 0)
		found = keyring_line_names(line, description);
	fclose(file);
	return found;
}

int keyring_has(const char *description, unsigned int ms)
{
	uint64_t end = deadline_now() + ms;
	unsigned int step = 0;
	int found;

	do
		found = look(description);
	while (found == 1 && deadline_pause(end, &step));
	return found;
}
