/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"
#include "key.h"
#include "store.h"
#include "volume.h"

/* What partitioning tools and blkid look at; under a new key an old store reads as noise there, with
 * now and then a partition table in it. Qubes zeroes as much (BYTES_TO_ZERO, storage/__init__.py). */
#define HEAD_BYTES 65536

static unsigned char zeros[HEAD_BYTES] __attribute__((aligned(4096)));

/* O_DIRECT: what the store answers, a full filesystem say, is known when the call returns. */
static int zero_head(const struct mapping *mapping, struct error *err)
{
	ssize_t written = pwrite(mapping->fd, zeros, sizeof(zeros), 0);

	if (written == (ssize_t)sizeof(zeros))
		return 0;
	return error_set(err, written < 0 ? errno : EIO, NULL,
			 "is the store's filesystem or pool full?", "cannot write to the store");
}

/* The key exists from key_make() to key_forget() only. */
static int load_with_key(struct mapping *mapping, uint64_t sectors, struct table_crypt *crypt,
			 struct error *err)
{
	struct key key;
	int result = -1;

	deadline_step("giving the key to the kernel");
	if (key_make(mapping->name, &key, err) < 0)
		return -1;
	crypt->key = key.description;
	if (key_enter(&key, err) == 0)
		result = mapping_load(mapping, sectors, crypt, err);
	key_forget(&key);
	crypt->key = NULL;
	return result;
}

/*
 * Others may find a named volume before it is whole, and wait for the lock; a close may have removed
 * it, and another open made it anew. A domain's disk has a name that nothing else ever has.
 */
static int lock_named(const struct mapping *mapping, struct error *err)
{
	struct mapping_state state;

	if (mapping_lock(mapping, VOLUME_LOCK_MS, err) < 0 ||
	    mapping_look(mapping->name, &state, err) < 0)
		return -1;
	if (state.exists && state.device == mapping->device && !state.live)
		return 0;
	return error_set(err, EBUSY, mapping->name, "another process has it now",
			 "cannot open the volume");
}

/*
 * The device is armed while there is nothing in it yet: whenever this process ends from there on,
 * by whatever signal, the kernel takes the device away, and with it the key and the store.
 */
static int start(struct mapping *mapping, const struct role *role, const struct store *store,
		 bool named, struct error *err)
{
	uint64_t sectors = table_sectors(store->bytes, role->sector);
	struct table_crypt crypt = { .store = store->device,
				     .sector = role->sector,
				     .queues = role->queues,
				     .discard = role->discard };

	deadline_step("starting the encrypted device");
	if (mapping_load_error(mapping->name, sectors, err) < 0 || mapping_open(mapping, err) < 0 ||
	    (named && lock_named(mapping, err) < 0) || mapping_arm(mapping, err) < 0)
		return -1;
	if (load_with_key(mapping, sectors, &crypt, err) < 0 ||
	    store_check_alone(store, mapping->device, err) < 0 ||
	    mapping_check_unwiped(mapping, err) < 0)
		return -1;
	return mapping_resume(mapping, err);
}

int volume_build(const struct role *role, struct mapping_owner owner, struct volume *volume,
		 struct error *err)
{
	struct mapping *mapping = &volume->mapping;
	struct store store;
	int result = -1;

	deadline_step("opening the store");
	if (store_open(role, &store, err) < 0)
		return -1;
	if (mapping_create(owner, mapping, err) < 0)
		goto close_store;
	result = start(mapping, role, &store, owner.volume != NULL, err);
	deadline_step("writing to the store");
	if (result == 0)
		result = zero_head(mapping, err);
	if (result < 0)
		mapping_undo(mapping);
close_store:
	store_close(&store);
	return result;
}

struct search {
	struct mapping *mapping;
	unsigned int found;
};

static int remember(const char *name, void *context, struct error *err)
{
	struct search *search = context;
	struct mapping_identity identity;

	(void)err;
	/* What a cow disk keeps its changes on is no disk. */
	if (!mapping_parse_name(name, &identity) || identity.part == MAPPING_STORE)
		return 0;
	search->found++;
	strncpy(search->mapping->name, name, sizeof(search->mapping->name) - 1);
	return 0;
}

static int find(struct mapping_owner owner, struct mapping *mapping, struct error *err)
{
	struct search search = { .mapping = mapping };

	memset(mapping, 0, sizeof(*mapping));
	mapping->fd = -1;
	if (mapping_each(owner, remember, &search, err) < 0)
		return -1;
	if (search.found == 1)
		return 0;
	return error_set(err, 0, NULL, search.found ? "it has more than one" : "it has none",
			 "cannot find the disk of domain %u", owner.domid);
}

int volume_join(struct mapping_owner owner, struct volume *volume, struct error *err)
{
	struct mapping *mapping = &volume->mapping;
	struct mapping_state state;

	if (find(owner, mapping, err) < 0 || mapping_look(mapping->name, &state, err) < 0)
		return -1;
	if (!state.exists)
		return error_set(err, 0, NULL, "it has just gone",
				 "cannot share the disk of domain %u", owner.domid);
	mapping->device = state.device;
	if (mapping_open(mapping, err) < 0)
		return -1;
	/* Looked at again with the device held: now it cannot go, and cannot be another one. */
	if (mapping_look(mapping->name, &state, err) == 0) {
		if (state.exists && state.armed && state.device == mapping->device)
			return 0;
		error_set(err, 0, NULL, "it is not armed", "cannot share the disk of domain %u",
			  owner.domid);
	}
	mapping_close(mapping);
	return -1;
}
