/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "size.h"
#include "verify-scan.h"

/* Whom a scan reads for: our own descriptor on a mapping must not be what keeps its key. */
struct user {
	const char *mapping;
	int openers; /* fewer than these, and it is ours alone */
};

static bool is_used(void *context)
{
	const struct user *user = context;
	struct mapping_state now;
	struct error ignored;

	return mapping_look(user->mapping, &now, &ignored) == 0 && now.exists &&
	       now.openers >= user->openers;
}

/* What was found, and in how much: "found 2 times in 12 GiB, first at byte 4096". */
static void describe(const struct scan *scan, int result, const struct error *err, char *text,
		     size_t size)
{
	char bytes[SIZE_TEXT_MAX], full[400];

	size_format(scan->read, bytes);
	if (result < 0) {
		error_public(err, full, sizeof(full));
		snprintf(text, size, "%s", full);
	} else if (result == 0) {
		snprintf(text, size, "not searched to its end: it went away after %s", bytes);
	} else if (scan->found == 0) {
		snprintf(text, size, "not found in %s, every byte", bytes);
	} else {
		snprintf(text, size, "found %" PRIu64 " times in %s, first at byte %" PRIu64,
			 scan->found, bytes, scan->first);
	}
}

static void scan_store(struct proof *proof, const char *subject, const struct device *device,
		       const struct scan_marker *marker)
{
	static const char claim[] = "the marker is not in its store";
	struct user user = { device->name, 0 };
	char what[64], source[64], text[512];
	struct error err = { 0 };
	struct scan scan = {
		.device = device->crypt.store, .what = what, .wanted = is_used, .context = &user
	};
	int result;

	snprintf(what, sizeof(what), "%s, store", subject);
	result = scan_device(&scan, marker, &err);
	describe(&scan, result, &err, text, sizeof(text));
	snprintf(source, sizeof(source), "block device %u:%u", major(scan.device),
		 minor(scan.device));
	proof_check(proof, result == 1 && scan.found == 0, subject, claim, source, "%s", text);
}

static void scan_mapping(struct proof *proof, const char *subject, const struct device *device,
			 const struct scan_marker *marker)
{
	static const char claim[] = "the marker is there through the encryption";
	struct user user = { device->name, 2 };
	char what[64], source[64], text[512];
	struct error err = { 0 };
	struct scan scan = {
		.device = device->state.device, .what = what, .wanted = is_used, .context = &user
	};
	int result;

	snprintf(what, sizeof(what), "%s, through the encryption", subject);
	result = scan_device(&scan, marker, &err);
	describe(&scan, result, &err, text, sizeof(text));
	snprintf(source, sizeof(source), "/dev/dm-%u", minor(scan.device));
	proof_add(proof, result == 1 && scan.found > 0 ? PROOF_HOLDS : PROOF_WARNING, subject,
		  claim, source, "%s", text);
}

void verify_scan(struct proof *proof, const char *subject, const struct device *device,
		 const struct scan_marker *marker)
{
	if (device->table != DEVICE_CRYPT) {
		proof_add(proof, PROOF_WARNING, subject, "the marker is not in its store",
			  "device-mapper",
			  "not searched: the kernel names no store of it any more");
		return;
	}
	scan_store(proof, subject, device, marker);
	scan_mapping(proof, subject, device, marker);
}
