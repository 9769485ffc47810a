/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "blkback.h"
#include "deadline.h"
#include "emulated.h"
#include "holder.h"
#include "key.h"
#include "keyring.h"
#include "sysfs.h"
#include "verify-device.h"

/* How long the kernel's collector of dead keys may take, in milliseconds. */
#define COLLECTOR_MS 10000

/* How long an attach that has just ended may hold the device, in milliseconds. */
#define ALONE_MS 3000

#define TABLE_SOURCE "device-mapper, table of %s"

/* A key of another name may be known to whoever put it there. */
static bool is_own_key(const struct device *device)
{
	return strncmp(device->crypt.key, "xeneph:", 7) == 0 &&
	       strcmp(device->crypt.key + 7, device->name) == 0;
}

static void prove_cipher(struct proof *proof, const char *subject, const struct device *device)
{
	static const char claim[] = "its table is AES-256-XTS with a key of 64 bytes";
	const struct table_crypt_shown *crypt = &device->crypt;
	char source[MAPPING_NAME_MAX + 64];

	snprintf(source, sizeof(source), TABLE_SOURCE, device->name);
	if (device->table != DEVICE_CRYPT) {
		proof_check(proof, device->table == DEVICE_WIPED, subject,
			    "its table encrypts, or lets nothing through", source, "%s",
			    device->table == DEVICE_WIPED ? "wiped: every request fails"
							  : "another table");
		return;
	}
	proof_check(proof,
		    strcmp(crypt->cipher, "aes-xts-plain64") == 0 &&
			    crypt->key_bytes == KEY_BYTES &&
			    strcmp(crypt->key_type, "logon") == 0 && is_own_key(device) &&
			    crypt->iv_offset == 0 && crypt->start == 0 && !crypt->others,
		    subject, claim, source, "%s, %u bytes, %s", crypt->cipher, crypt->key_bytes,
		    crypt->key_type[0] ? crypt->key_type : "the key stands in the table");
}

static void prove_no_second_table(struct proof *proof, const char *subject,
				  const struct device *device)
{
	char source[MAPPING_NAME_MAX + 64];

	snprintf(source, sizeof(source), "device-mapper, info of %s", device->name);
	proof_check(proof, !device->loaded, subject, "no second table waits for it", source, "%s",
		    device->loaded ? "one is loaded" : "none is loaded");
}

static void prove_key(struct proof *proof, const char *subject, const struct device *device)
{
	static const char claim[] = "its key is in no keyring any more";
	int found = keyring_has(device->crypt.key, COLLECTOR_MS);

	if (found < 0)
		proof_check(proof, false, subject, claim, "/proc/keys", "%s", strerror(errno));
	else
		proof_check(proof, found == 0, subject, claim, "/proc/keys", "%s is %s",
			    device->crypt.key, found ? "there" : "not there");
}

static void prove_armed(struct proof *proof, const char *subject, const struct device *device)
{
	char source[MAPPING_NAME_MAX + 64];

	snprintf(source, sizeof(source), "device-mapper, info of %s", device->name);
	proof_check(proof, device->state.armed, subject, "it goes with its last user", source, "%s",
		    device->state.armed ? "deferred remove" : "not armed");
}

static void prove_store(struct proof *proof, const char *subject, const struct device *device)
{
	dev_t store = device->crypt.store;
	struct blkback_users users;
	struct error err;
	char source[64];

	snprintf(source, sizeof(source), "/sys/dev/block/%u:%u/holders", major(store),
		 minor(store));
	proof_check(proof, holder_is_only(store, device->state.device) > 0, subject,
		    "its store is held by it alone", source, "%s", device->store);
	if (blkback_users(store, &users, &err) < 0)
		proof_check(proof, false, subject, "no domain has its store as a disk",
			    "/sys/bus/xen-backend/devices", "%s", err.reason);
	else
		proof_check(proof, users.readers + users.writers == 0, subject,
			    "no domain has its store as a disk", "/sys/bus/xen-backend/devices",
			    "%u do", users.readers + users.writers);
}

struct count {
	struct verify_users users;
	dev_t number;
	bool emulated;	   /* QEMU may have it open too */
	unsigned int own;  /* disks of blkback */
	unsigned int qemu; /* descriptors */
};

static void count_own(uint32_t domid, uint32_t devid, void *context)
{
	struct count *count = context;
	struct blkback_disk disk;
	struct error ignored;

	if ((domid == count->users.domid || domid == count->users.peer) &&
	    blkback_look(domid, devid, &disk, &ignored) == 1 && disk.device == count->number)
		count->own++;
}

/* Each disk of blkback is one opener: another program of dom0, another domain, or a device that stands
 * on it would be one more. Returns 1 or 0, or -1. */
static int is_alone(const struct device *device, struct count *count, int *openers,
		    struct error *err)
{
	struct mapping_state now;
	struct blkback_users all;

	count->own = 0;
	count->qemu = count->emulated ? emulated_openers(count->number, count->users.domid) : 0;
	if (blkback_each(count_own, count, err) < 0 ||
	    blkback_users(count->number, &all, err) < 0 ||
	    mapping_look(device->name, &now, err) < 0)
		return -1;
	*openers = now.exists ? now.openers : 0;
	return count->own > 0 && all.readers + all.writers == count->own &&
	       (unsigned int)*openers == count->own + count->qemu && !holder_is_any(count->number);
}

/* The end of an attach, and udev, have it open for a moment too. */
static void prove_alone(struct proof *proof, const char *subject, const struct device *device,
			struct verify_users users)
{
	struct count count = { .users = users,
			       .number = device->state.device,
			       .emulated = device->identity.part == MAPPING_SNAPSHOT };
	uint64_t end = deadline_now() + ALONE_MS;
	unsigned int step = 0;
	struct error err;
	int openers = 0, alone;

	do
		alone = is_alone(device, &count, &openers, &err);
	while (alone == 0 && deadline_pause(end, &step));
	if (alone < 0)
		proof_check(proof, false, subject, "only this domain has it open",
			    "device-mapper, blkback", "%s", err.reason);
	else
		proof_check(proof, alone == 1, subject, "only this domain has it open",
			    "device-mapper, blkback", "open %d, disks of the domain %u%s", openers,
			    count.own, count.qemu > 0 ? ", its QEMU" : "");
}

/* The snapshot alone: as the device that stands on it, and as its one opener. */
static void prove_below(struct proof *proof, const char *subject, const struct device *snapshot,
			const struct device *store)
{
	char source[64];

	snprintf(source, sizeof(source), "/sys/dev/block/%u:%u/holders", major(store->state.device),
		 minor(store->state.device));
	proof_check(proof,
		    snapshot->snapshot.store == store->state.device && store->state.openers == 1 &&
			    holder_is_only(store->state.device, snapshot->state.device) > 0,
		    subject, "its changes go to an encrypted device of its own", source,
		    "%s, open %d", store->name, store->state.openers);
}

/* A block device is opened for reading by the kernel's snapshot (dm-snap.c, snapshot_ctr). */
static void prove_origin(struct proof *proof, const char *subject, const struct device *snapshot)
{
	dev_t origin = snapshot->snapshot.origin;
	char value[SYSFS_VALUE_MAX] = "", source[64];

	if (major(origin) != 7) { /* loop, admin-guide/devices.txt */
		snprintf(source, sizeof(source), "device-mapper, table of the snapshot");
		proof_check(proof, snapshot->table != DEVICE_OTHER, subject,
			    "its origin is only read", source, "%s", snapshot->origin);
		return;
	}
	snprintf(source, sizeof(source), "/sys/dev/block/7:%u/ro", minor(origin));
	(void)sysfs_read_device(origin, "ro", value);
	proof_check(proof, strcmp(value, "1") == 0, subject,
		    "its origin's loop device takes no writes", source, "%s", value);
}

static void prove_snapshot(struct proof *proof, const char *subject, const struct device *snapshot)
{
	char source[MAPPING_NAME_MAX + 64];

	snprintf(source, sizeof(source), TABLE_SOURCE, snapshot->name);
	proof_check(proof, snapshot->table != DEVICE_OTHER && snapshot->table != DEVICE_EMPTY,
		    subject, "its table is a snapshot's, or lets nothing through", source, "%s",
		    snapshot->table == DEVICE_SNAPSHOT ? "not persistent"
		    : snapshot->table == DEVICE_WIPED  ? "wiped: every request fails"
						       : "another table");
	prove_no_second_table(proof, subject, snapshot);
	prove_armed(proof, subject, snapshot);
}

void verify_cow(struct proof *proof, const char *subject, const struct device *snapshot,
		const struct device *store, struct verify_users users)
{
	prove_snapshot(proof, subject, snapshot);
	prove_alone(proof, subject, snapshot, users);
	if (store == NULL) {
		proof_check(proof, snapshot->table == DEVICE_WIPED, subject,
			    "its changes go to an encrypted device of its own", "device-mapper",
			    "%s", "there is none");
		return;
	}
	prove_cipher(proof, subject, store);
	prove_no_second_table(proof, subject, store);
	prove_armed(proof, subject, store);
	prove_below(proof, subject, snapshot, store);
	prove_origin(proof, subject, snapshot);
	if (store->table != DEVICE_CRYPT)
		return;
	prove_key(proof, subject, store);
	prove_store(proof, subject, store);
}

void verify_device(struct proof *proof, const char *subject, const struct device *device,
		   struct verify_users users)
{
	prove_cipher(proof, subject, device);
	prove_no_second_table(proof, subject, device);
	prove_armed(proof, subject, device);
	prove_alone(proof, subject, device, users);
	if (device->table != DEVICE_CRYPT)
		return;
	prove_key(proof, subject, device);
	prove_store(proof, subject, device);
}
