/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* A path or a parameter may hold anything; a log line may not. */
void error_copy_printable(char *to, size_t size, const char *from)
{
	size_t i;

	for (i = 0; from[i] != '\0' && i + 1 < size; i++) {
		to[i] = from[i];
		if ((unsigned char)from[i] < ' ' || from[i] == 0x7f)
			to[i] = '?';
	}
	to[i] = '\0';
}

static void explain(struct error *err, const char *reason)
{
	if (reason != NULL && reason[0] == '\0')
		reason = NULL;
	if (err->number == 0)
		snprintf(err->reason, sizeof(err->reason), "%s", reason ? reason : "");
	else if (reason == NULL)
		snprintf(err->reason, sizeof(err->reason), "%s", strerror(err->number));
	else
		snprintf(err->reason, sizeof(err->reason), "%s (%s)", strerror(err->number),
			 reason);
}

int error_set(struct error *err, int number, const char *thing, const char *reason,
	      const char *action, ...)
{
	va_list arguments;

	err->number = number;
	err->detail[0] = '\0';
	va_start(arguments, action);
	vsnprintf(err->action, sizeof(err->action), action, arguments);
	va_end(arguments);
	error_copy_printable(err->thing, sizeof(err->thing), thing ? thing : "");
	explain(err, reason);
	return -1;
}

void error_add_detail(struct error *err, const char *text)
{
	error_copy_printable(err->detail, sizeof(err->detail), text ? text : "");
}

void error_full(const struct error *err, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s%s%s%s%s%s", err->action, err->thing[0] ? " " : "", err->thing,
		 err->reason[0] ? ": " : "", err->reason, err->detail[0] ? " [" : "", err->detail,
		 err->detail[0] ? "]" : "");
}

void error_public(const struct error *err, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s", err->action, err->reason[0] ? ": " : "", err->reason);
}
