/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "blkback.h"
#include "holder.h"
#include "key.h"
#include "keyring.h"
#include "verify-device.h"

/* How long the kernel's collector of dead keys may take, in milliseconds. */
#define COLLECTOR_MS 10000

#define TABLE_SOURCE "device-mapper, table of %s"

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
			    strcmp(crypt->key_type, "logon") == 0 && crypt->iv_offset == 0 &&
			    crypt->start == 0 && !crypt->others,
		    subject, claim, source, "%s, %u bytes, %s", crypt->cipher, crypt->key_bytes,
		    crypt->key_type[0] ? crypt->key_type : "the key stands in the table");
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
	proof_check(proof, holder_is_only(store, device->state.device), subject,
		    "its store is held by it alone", source, "%s", device->store);
	if (blkback_users(store, &users, &err) < 0)
		proof_check(proof, false, subject, "no domain has its store as a disk",
			    "/sys/bus/xen-backend/devices", "%s", err.reason);
	else
		proof_check(proof, users.readers + users.writers == 0, subject,
			    "no domain has its store as a disk", "/sys/bus/xen-backend/devices",
			    "%u do", users.readers + users.writers);
}

void verify_device(struct proof *proof, const char *subject, const struct device *device)
{
	prove_cipher(proof, subject, device);
	prove_armed(proof, subject, device);
	if (device->table != DEVICE_CRYPT)
		return;
	prove_key(proof, subject, device);
	prove_store(proof, subject, device);
}
