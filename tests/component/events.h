/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of what the backend does, in the order in which it does it, and the tests' ways to stop it.
 *
 * Each call that the shim stands in front of is one line of $SHIM/log, written before the call is
 * made. From the environment:
 *	SHIM        the folder of the log and of the mappings
 *	SHIM_KILL   N or EVENT: SIGKILL instead of the Nth event, or of the first that begins so
 *	SHIM_STOP   N or EVENT: SIGSTOP before it
 *	SHIM_FAIL   EVENT=ERRNO: the first event that begins with EVENT fails
 */
#ifndef XE_TEST_EVENTS_H
#define XE_TEST_EVENTS_H

/* Logs one event. Returns 0, or the errno with which the call has to fail. */
int event(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct dm_ioctl;

/* Plays the kernel's device-mapper. Returns what ioctl(2) returns, with errno. */
int device_mapper_call(unsigned long request, struct dm_ioctl *head);

/* Writes the path of a file in $SHIM into path. */
void event_path(char *path, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
