/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/keys: the input is a description, then a line. */
#include "fuzz.h"

#include "keyring.h"

/* The kernel's own form (security/keys/proc.c). */
static void check_found(const char *description)
{
	size_t size = strlen(description) + 128;
	char *line = malloc(size);

	MUST(line != NULL);
	snprintf(line, size, "0b6f7b5a I--Q---     1 perm 3d010000     0     0 logon     %s: 64\n",
		 description);
	MUST(keyring_line_names(line, description));
	snprintf(line, size, "0b6f7b5a I--Q---     1 perm 3d010000     0     0 user      %s: 64\n",
		 description);
	MUST(!keyring_line_names(line, description));
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *description = fuzz_text(data, size), *line = strchr(description, '\n');

	if (line != NULL) {
		*line++ = '\0';
		if (keyring_line_names(line, description))
			MUST(strstr(line, "logon") != NULL && strstr(line, description) != NULL);
	}
	/* What key_make() calls a key: no blank, a ':' that more stands behind. */
	if (strncmp(description, "xeneph:", 7) == 0 && strpbrk(description, " \t\v\f\r") == NULL)
		check_found(description);
	free(description);
	return 0;
}
