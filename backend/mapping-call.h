/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the mapping's files only: one call of the kernel's device-mapper, as linux/dm-ioctl.h has it.
 *
 * Not through libdevmapper: two thirds of an attach's instructions and a fifth of its system calls would be
 * that library's start, since it brings libselinux, libpcre2 and libudev (BENCHMARKING.md). What it does beyond
 * the call, nodes in /dev/mapper and a wait for udev, is not wanted here.
 */
#ifndef XE_MAPPING_CALL_H
#define XE_MAPPING_CALL_H

#include <linux/dm-ioctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "error.h"
#include "mapping.h"

/* The kernel writes its answer over what it was asked. */
struct mapping_call {
	struct dm_ioctl head;
	union {
		struct {
			struct dm_target_spec target;
			char params[TABLE_PARAMS_MAX];
		};
		struct {
			uint64_t sector; /* struct dm_target_msg */
			char message[64];
		};
	};
};

_Static_assert(offsetof(struct mapping_call, target) == sizeof(struct dm_ioctl),
	       "what follows the head is where data_start says");

/* Begins a call for the device NAME; all but the head is zeros. */
void mapping_call_begin(struct mapping_call *call, const char *name);

/* Keeps udev's rules away from the uevent in which the call ends. */
void mapping_call_quiet_udev(struct mapping_call *call);

/* Asks for the live table of the device, or for its target's status; see mapping_call_target(). */
void mapping_call_ask_table(struct mapping_call *call);
void mapping_call_ask_status(struct mapping_call *call);

/* After such a call: tells whether the table has one target and all of its parameters came. */
bool mapping_call_has_target(const struct mapping_call *call);

/* Runs it: request is DM_DEV_CREATE or another. Returns 0, or -1 with err saying that `action` failed and why. */
int mapping_call_run(struct mapping_call *call, unsigned long request, const char *action,
		     struct error *err);

/*
 * Runs a call whose answer is a list of any length: DM_LIST_DEVICES, DM_LIST_VERSIONS. Of the devices, a kernel
 * from Linux 5.13 on lists only those whose name begins with prefix, an older one all. Returns the answer, whose
 * list is at data_start and which the caller frees, or NULL.
 */
struct dm_ioctl *mapping_call_list(unsigned long request, const char *prefix, const char *action,
				   struct error *err);

/* Loads a table of one target, that many 512-byte sectors long. Returns 0 or -1. */
int mapping_call_load(const char *name, uint64_t sectors, const char *target, const char *params,
		      const char *action, struct error *err);

/* Removes the device now or, while it is open, on its last close. Returns 0 or -1. */
int mapping_remove_deferred(const char *name, const char *action, struct error *err);

/* Writes what the names of the owner's mappings begin with; of a named volume, the whole name. */
void mapping_name_prefix(struct mapping_owner owner, char prefix[MAPPING_NAME_MAX]);

/* Writes a name for a new mapping of the owner. Returns 0 or -1. */
int mapping_name_make(struct mapping_owner owner, char name[MAPPING_NAME_MAX], struct error *err);

#endif
