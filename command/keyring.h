/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that the kernel still lists. */
#ifndef XE_KEYRING_H
#define XE_KEYRING_H

#include <stdbool.h>

/* Tells whether a line of /proc/keys (keyrings(7)) is a logon key of that description. */
bool keyring_line_names(const char *line, const char *description);

/*
 * Looks for a logon key in /proc/keys. One that was invalidated stays listed until the kernel's
 * collector comes by (security/keys/gc.c): it is waited for up to ms milliseconds. Returns 1 when it is
 * still there, 0 when it is not, -1 with errno set.
 */
int keyring_has(const char *description, unsigned int ms);

#endif
