/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One error: what was tried, on what, and why it failed.
 *
 * The message is made where the failure happens and printed once, by main. It has two forms, since
 * xenstore's hotplug-error can be read by the guest: the full one names host paths, the public one
 * does not.
 */
#ifndef XE_ERROR_H
#define XE_ERROR_H

#include <stddef.h>

struct error {
	int number;	  /* errno, or 0 where no system call failed */
	char action[160]; /* "cannot open store": nothing of the host in it */
	char thing[512];  /* the host's own name of what it was tried on, or "" */
	char reason[256]; /* "No space left on device", "held by another device" */
	char detail[256]; /* a library's own words, which may name anything of the host, or "" */
};

/*
 * Fills *err and returns -1, so that a failing function can end with `return error_set(...)`.
 *
 * number: errno or 0. thing: a path or the text that was given, or NULL; only the full form shows
 * it, with control characters replaced by '?'. reason: why, or NULL for strerror(number) alone; with
 * both a number and a reason the text is "strerror (reason)". The rest formats the action.
 */
int error_set(struct error *err, int number, const char *thing, const char *reason,
	      const char *action, ...) __attribute__((format(printf, 5, 6)));

/* Copies what may come from others into size bytes, cut where it is longer, with control characters as '?'. */
void error_copy_printable(char *to, size_t size, const char *from);

/* Adds a library's own words to an error; only the full form shows them. text may be NULL. */
void error_add_detail(struct error *err, const char *text);

/* Writes "action thing: reason [detail]" into text, cut to size bytes with the final NUL. */
void error_full(const struct error *err, char *text, size_t size);

/* Writes "action: reason" into text: what a guest may read. */
void error_public(const struct error *err, char *text, size_t size);

#endif
