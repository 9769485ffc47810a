/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "blkback.h"
#include "output.h"
#include "sysfs.h"
#include "verify-device.h"
#include "verify-disk.h"
#include "verify-scan.h"

/* What one disk is looked at with. */
struct subject {
	struct verify_users users;
	struct proof *proof;
	const struct record_disk *disk;
	const struct scan_marker *marker; /* or NULL */
	char name[40];
	char sysfs[64]; /* blkback's folder */
};

static void prove_read_only(const struct subject *subject, const struct blkback_disk *served)
{
	char value[SYSFS_VALUE_MAX] = "", source[128];

	snprintf(source, sizeof(source), "%s/mode", subject->sysfs);
	proof_check(subject->proof, !served->writable, subject->name, "blkback takes no writes",
		    source, "%s", served->writable ? "w" : "r");
	if (major(served->device) != 7) /* loop, admin-guide/devices.txt */
		return;
	snprintf(source, sizeof(source), "/sys/dev/block/7:%u/ro", minor(served->device));
	(void)sysfs_read_device(served->device, "ro", value);
	proof_check(subject->proof, strcmp(value, "1") == 0, subject->name,
		    "its loop device takes no writes", source, "%s", value);
}

/* A named volume is a domain's by being its disk: that nobody else has it is proved by itself. */
static bool is_owned(const struct device *device, const struct subject *subject)
{
	const struct mapping_identity *identity = &device->identity;

	return identity->named || ((identity->domid == subject->users.domid ||
				    identity->domid == subject->users.peer) &&
				   identity->devid == subject->disk->devid);
}

/* By its name: a snapshot that was wiped tells of none. */
static const struct device *find_store(const struct inventory *inventory,
				       const struct device *snapshot)
{
	char name[MAPPING_NAME_MAX];

	if (!mapping_name_other_part(snapshot->name, name))
		return NULL;
	for (unsigned int i = 0; i < inventory->count; i++)
		if (strcmp(inventory->devices[i].name, name) == 0)
			return &inventory->devices[i];
	return NULL;
}

static void prove_served(const struct subject *subject, const struct inventory *inventory,
			 const struct blkback_disk *served)
{
	const struct device *device = inventory_find_number(inventory, served->device);
	char source[128];

	if (!subject->disk->writable && !served->writable) {
		prove_read_only(subject, served);
		return;
	}
	snprintf(source, sizeof(source), "%s/physical_device", subject->sysfs);
	if (device == NULL) {
		proof_check(subject->proof, false, subject->name, "it is an encrypted device",
			    source, "%u:%u is none of ours", major(served->device),
			    minor(served->device));
		return;
	}
	proof_check(subject->proof, is_owned(device, subject), subject->name,
		    "it is the domain's own encrypted device", source, "%s", device->name);
	if (device->identity.part == MAPPING_SNAPSHOT) {
		verify_cow(subject->proof, subject->name, device, find_store(inventory, device),
			   subject->users);
		device = find_store(inventory, device);
	} else {
		verify_device(subject->proof, subject->name, device, subject->users);
	}
	/* Last: while it reads through the mapping, that is open once more. */
	if (subject->marker != NULL && device != NULL)
		verify_scan(subject->proof, subject->name, device, subject->marker);
}

/* Not served by blkback: nothing can be written through it, if it is not QEMU that serves it. */
static void prove_unserved(const struct subject *subject)
{
	const struct record_disk *disk = subject->disk;

	proof_check(subject->proof, !disk->writable, subject->name,
		    "it is served by blkback or read-only", subject->sysfs,
		    "blkback does not serve it, mode is %s", disk->writable ? "w" : "r");
}

static void prove_disk(const struct subject *subject, const struct inventory *inventory)
{
	const struct record_disk *disk = subject->disk;
	struct blkback_disk served;
	struct error err;
	char record[96];
	int found;

	snprintf(record, sizeof(record), "/libxl/%" PRIu32 "/device/%s/%" PRIu32, disk->domid,
		 disk->kind, disk->devid);
	if (strcmp(disk->kind, "pci") == 0 || strcmp(disk->kind, "vusb") == 0) {
		proof_add(subject->proof, PROOF_WARNING, subject->name, "it is no storage", record,
			  "a device passed through: look yourself");
		return;
	}
	if (strcmp(disk->kind, "vbd") != 0) {
		proof_check(subject->proof, false, subject->name, "it is a disk of blkback", record,
			    "%s goes past the encryption", disk->kind);
		return;
	}
	if (disk->backend != 0) {
		proof_check(subject->proof, false, subject->name, "dom0 serves it", record,
			    "domain %" PRIu32 " does: verify there", disk->backend);
		return;
	}
	found = blkback_look(disk->domid, disk->devid, &served, &err);
	if (found == 1)
		prove_served(subject, inventory, &served);
	else if (found == 0)
		prove_unserved(subject);
	else
		proof_check(subject->proof, false, subject->name, "blkback's state is known",
			    subject->sysfs, "%s", err.reason);
}

struct stray {
	struct proof *proof;
	const struct record *record;
	uint32_t domid;
	unsigned int served;
	unsigned int found;
};

static void look_for_stray(uint32_t domid, uint32_t devid, void *context)
{
	struct stray *stray = context;
	char name[40];

	if (domid != stray->domid)
		return;
	stray->served++;
	if (record_has(stray->record, devid, "vbd"))
		return;
	stray->found++;
	output_name_disk(devid, name, sizeof(name));
	proof_check(stray->proof, false, name, "libxl has it on record",
		    "/sys/bus/xen-backend/devices", "vbd-%" PRIu32 "-%" PRIu32 " is not", domid,
		    devid);
}

static void prove_no_stray(struct proof *proof, const struct record *record, uint32_t domid)
{
	struct stray stray = { .proof = proof, .record = record, .domid = domid };
	struct error err;

	if (blkback_each(look_for_stray, &stray, &err) < 0)
		proof_check(proof, false, "disks", "libxl has all of them on record",
			    "/sys/bus/xen-backend/devices", "%s", err.reason);
	else if (stray.found == 0)
		proof_check(proof, true, "disks", "libxl has all of them on record",
			    "/sys/bus/xen-backend/devices", "%u served to domain %" PRIu32,
			    stray.served, domid);
}

void verify_disks(struct proof *proof, const struct inventory *inventory,
		  const struct record *record, uint32_t domid, struct verify_users users,
		  const struct scan_marker *marker)
{
	for (unsigned int i = 0; i < record->count; i++) {
		struct subject subject = {
			.proof = proof, .disk = &record->disks[i], .marker = marker, .users = users
		};

		output_clean(record->disks[i].vdev, subject.name, sizeof(subject.name));
		snprintf(subject.sysfs, sizeof(subject.sysfs),
			 "/sys/bus/xen-backend/devices/vbd-%" PRIu32 "-%" PRIu32, domid,
			 record->disks[i].devid);
		prove_disk(&subject, inventory);
	}
	prove_no_stray(proof, record, domid);
}
