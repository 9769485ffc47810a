/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What plays an encrypted device: a loop device of a number from $SHIM_BASE on, over the store itself.
 *
 * The kernel's loop driver then gives what a mapping has: the store is claimed exclusively for as long
 * as the device stands, and LOOP_CLR_FD on a device that is open takes it away on its last close, on
 * one that is not at once, as DM_DEFERRED_REMOVE does. One that is armed before its crypt table comes
 * is an unbound loop until then, and ends with the process that armed it. Nothing is encrypted; what
 * an error table does is not played. The key has to be found, as dm-crypt finds it.
 *
 * A snapshot is one more of these, over the device that its changes go to, whose length it does not have:
 * what it holds and when it ends is played, its data are not. The kernel's has its origin open too.
 *
 * $SHIM/maps/NAME is one device: its number, its UUID, its table's kind and length.
 */
#ifndef XE_TEST_DM_DEVICE_H
#define XE_TEST_DM_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_MAJOR 7

struct map {
	int number;
	char uuid[160];
	char table[16]; /* none, error, armed (an error table, armed), crypt, snapshot */
	int pid;	/* of the process that armed it */
	uint64_t sectors;
};

/* Finds the device NAME, if it still stands. */
bool device_find(const char *name, struct map *map);

/* Tells whether it goes with its last close. */
bool device_is_armed(const struct map *map);

/* Those below return 0 or the errno that the kernel would answer with. */

/* Makes a device without a table, and fills *map. */
int device_create(const char *name, const char *uuid, struct map *map);

/* Gives a device its first table, of errors: it can be opened then. */
int device_load_error(const char *name, struct map *map);

/* Gives it a crypt table of that many sectors. */
int device_load_crypt(const char *name, struct map *map, uint64_t sectors, const char *params);

/* Gives it a snapshot table. */
int device_load_snapshot(const char *name, struct map *map, uint64_t sectors, const char *params);

/* Removes it on its last close. */
int device_remove_deferred(const char *name);

#endif
