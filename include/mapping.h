/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One device-mapper device of ours: created, loaded, armed, resumed, wiped, listed.
 *
 * A domain's is called xeneph-<domid>-<devid>-<nonce>@crypt, one that was opened under a name
 * xeneph-vol-<name>@crypt, with the UUID CRYPT-PLAIN-xeneph-..., so that lsblk and cryptsetup know what
 * it is; the name's end keeps dom0's udev rules of Qubes away. A cow disk is two devices of one nonce:
 * the store of its changes, a crypt device, xeneph-<domid>-<devid>-<nonce>-store@crypt, and over it the
 * snapshot, which is the disk itself, xeneph-<domid>-<devid>-<nonce>-cow@crypt with the UUID COW-xeneph-...
 *
 * udev gets flags with every event that keep its rules from reading what a guest wrote, and no cookie is
 * waited for: that wait has no end when a rule is missing (libdm-common.c, _udev_wait).
 *
 * Armed means DM_DEFERRED_REMOVE: the kernel removes the device on its last close (dm.c,
 * dm_blk_close), with nobody's help. On a device that nobody has open it removes at once, so a
 * descriptor is held while arming.
 */
#ifndef XE_MAPPING_H
#define XE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "table.h"

#define MAPPING_NAME_MAX   128 /* with the NUL: DM_NAME_LEN, linux/dm-ioctl.h */
#define MAPPING_VOLUME_MAX 96  /* with the NUL; what is put around it fits MAPPING_NAME_MAX */

/* How the names and the UUIDs begin; the last is that of snapshots. */
#define MAPPING_PREFIX	    "xeneph-"
#define MAPPING_UUID_PREFIX "CRYPT-PLAIN-" MAPPING_PREFIX
#define MAPPING_COW_PREFIX  "COW-" MAPPING_PREFIX

struct mapping {
	char name[MAPPING_NAME_MAX];
	dev_t device;
	int fd; /* open for reading and writing, O_DIRECT; or -1 */
};

/* What a mapping is of its disk. */
enum mapping_part {
	MAPPING_WHOLE,	  /* a volatile disk */
	MAPPING_STORE,	  /* the encrypted device below a cow disk */
	MAPPING_SNAPSHOT, /* a cow disk */
};

/* What a mapping's name or UUID says of its owner, with the name in it. */
struct mapping_identity {
	bool named;
	enum mapping_part part;
	uint32_t domid;
	uint32_t devid;
	char volume[MAPPING_VOLUME_MAX];
};

struct mapping_state {
	bool exists;
	bool armed;
	bool ours;			  /* its UUID says so, whatever it is called */
	struct mapping_identity identity; /* where ours */
	bool live;			  /* it has a table in use */
	int openers;
	dev_t device;
};

/* Who a mapping belongs to: one disk of a domain, or whoever opened it under a name. */
struct mapping_owner {
	uint32_t domid;
	uint32_t devid;
	const char *volume;	/* the name, or NULL for a domain's disk */
	enum mapping_part part; /* MAPPING_WHOLE or MAPPING_STORE: what to create */
};

/* Tells whether text can name a volume: 1 to 95 letters, digits, '.', '_' and '-'. */
bool mapping_is_volume_name(const char *text);

/* Writes the mapping's name of a named volume. */
void mapping_name_volume(const char *volume, char name[MAPPING_NAME_MAX]);

/* Fills *identity from a mapping's name. Returns false for a name that mapping_create() never makes. */
bool mapping_parse_name(const char *name, struct mapping_identity *identity);

/* The same from a UUID, which a device keeps when it is renamed. */
bool mapping_parse_uuid(const char *uuid, struct mapping_identity *identity);

/*
 * Creates an empty device: no table, no key, no uevent yet. A domain's disk gets a new name; a named
 * volume has one name only, and -1 with EBUSY says that there is one. Returns 0 or -1.
 */
int mapping_create(struct mapping_owner owner, struct mapping *mapping, struct error *err);

/* Writes the name of the snapshot over that store, or of the store below that snapshot. Returns false for
 * a name that is neither. */
bool mapping_name_other_part(const char *name, char other[MAPPING_NAME_MAX]);

/* Creates an empty device in the same way, for the snapshot over store. Returns 0 or -1. */
int mapping_create_over(const struct mapping *store, struct mapping *mapping, struct error *err);

/*
 * Loads a table that fails every request, of that many 512-byte sectors. It holds nothing and is not
 * meant to become live: the kernel registers a device, so that it can be opened, with its first table
 * (dm.c, dm_setup_md_queue).
 */
int mapping_load_error(const char *name, uint64_t sectors, struct error *err);

/* Opens the device; possible once a table was loaded. */
int mapping_open(struct mapping *mapping, struct error *err);

/* Arms an open device: from here on its last close is its end. */
int mapping_arm(const struct mapping *mapping, struct error *err);

/* Takes the arming back: the device stays, with nobody having it open, until it is armed again. */
int mapping_disarm(const struct mapping *mapping, struct error *err);

/* Takes the device's flock(2), or waits for it up to ms milliseconds: whoever builds a device or
 * changes its arming holds it. It goes with the descriptor. Returns 0, or -1 (EBUSY). */
int mapping_lock(const struct mapping *mapping, unsigned int ms, struct error *err);

/*
 * Opens and locks the device that is called mapping->name, and looks at it once more: from here on it
 * cannot go, and its name is not another one's. Returns 1; 0 when it is gone or replaced, or cannot be
 * opened yet because it was just created, as state->exists tells; or -1.
 */
int mapping_hold(struct mapping *mapping, unsigned int ms, struct mapping_state *state,
		 struct error *err);

/* Loads a crypt table of that many 512-byte sectors in the place of one that is not live yet; it is
 * not live itself before mapping_resume(). */
int mapping_load(struct mapping *mapping, uint64_t sectors, const struct table_crypt *crypt,
		 struct error *err);

/* The same for a snapshot's table. */
int mapping_load_snapshot(struct mapping *mapping, uint64_t sectors,
			  const struct table_snapshot *snapshot, struct error *err);

/* Checks that no table is live yet: whoever wipes every device meets those that are being made too, and
 * theirs is one that is. Returns 0, or -1 (ECANCELED). */
int mapping_check_unwiped(const struct mapping *mapping, struct error *err);

/* Checks that the live table is the one that encrypts: a snapshot is not to start over a store that was
 * wiped meanwhile. Returns 0, or -1 (ECANCELED). */
int mapping_check_running(const struct mapping *mapping, struct error *err);

/* Makes the loaded table live. */
int mapping_resume(const struct mapping *mapping, struct error *err);

/* Closes the descriptor: the end of an armed device that nothing else has open. Safe to repeat. */
void mapping_close(struct mapping *mapping);

/* Takes back a device that was created and never came to be live: one that did was armed before, and
 * ends when it is closed. Whatever fails is left to mapping_forget(). */
void mapping_undo(struct mapping *mapping);

/* Arms by name, or removes what nobody has open, at once. What does not exist is no error. */
int mapping_forget(const char *name, struct error *err);

/*
 * Swaps the table for one that fails every request. That frees the key and the store although the
 * device is open. It waits for requests in flight; after ms milliseconds it gives up with -1 (ETIME).
 * A device that is not there is -1 with ENXIO.
 */
int mapping_wipe(const char *name, unsigned int ms, struct error *err);

/* Tells how a device stands; one that is not there has exists = false and is no error. */
int mapping_look(const char *name, struct mapping_state *state, struct error *err);

/* Looks until the device is gone, up to ms milliseconds. Returns 1 when it is, 0 when it still
 * stands, as *state tells, or -1. */
int mapping_await_end(const char *name, unsigned int ms, struct mapping_state *state,
		      struct error *err);

/* What a device does with requests, as the kernel tells it. */
struct mapping_table {
	bool live;		       /* it has a table in use */
	bool loaded;		       /* one more waits to be resumed */
	uint64_t sectors;	       /* of 512 bytes */
	char type[16];		       /* "crypt", "snapshot", "error" */
	char params[TABLE_PARAMS_MAX]; /* a key only by its description */
};

/* Reads the live table. One of several targets or of longer params, which mapping_load() never makes,
 * has the type "". Returns 0 or -1; a device that is not there is -1 with ENXIO. */
int mapping_read(const char *name, struct mapping_table *table, struct error *err);

/* Reads how full a snapshot is. Returns 0 or -1; a device that is not there is -1 with ENXIO. */
int mapping_read_fill(const char *name, struct table_fill *fill, struct error *err);

/* Calls visit for each mapping of ours that belongs to owner, until it returns non-zero; a mapping is
 * ours, and the owner's, by its UUID and its name. Returns what visit returned, 0, or -1. */
int mapping_each(struct mapping_owner owner,
		 int (*visit)(const char *name, void *context, struct error *err), void *context,
		 struct error *err);

/* The same for every mapping of ours, whoever it belongs to and whatever it was renamed to. */
int mapping_each_of_ours(int (*visit)(const char *name, void *context, struct error *err),
			 void *context, struct error *err);

#endif
