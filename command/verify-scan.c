/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "size.h"
#include "verify-scan.h"

#define FOUND_TEXT_MAX 512

enum presence {
	UNKNOWN,
	ABSENT,
	PRESENT
};

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
static void describe(const struct scan *scan, int result, const struct error *err, char *text)
{
	char bytes[SIZE_TEXT_MAX];

	size_format(scan->read, bytes);
	if (result < 0) {
		error_public(err, text, FOUND_TEXT_MAX);
	} else if (result == 0) {
		snprintf(text, FOUND_TEXT_MAX, "not searched to its end: it went away after %s",
			 bytes);
	} else if (scan->found == 0) {
		snprintf(text, FOUND_TEXT_MAX, "not found in %s, every byte", bytes);
	} else {
		snprintf(text, FOUND_TEXT_MAX,
			 "found %" PRIu64 " time%s in %s, first at byte %" PRIu64, scan->found,
			 scan->found == 1 ? "" : "s", bytes, scan->first);
	}
}

/* Reads every byte of where and says in text what came of it. */
static enum presence look_for(const struct scan_marker *marker, dev_t where, const char *what,
			      struct user user, char text[FOUND_TEXT_MAX])
{
	struct scan scan = { .device = where, .what = what, .wanted = is_used, .context = &user };
	struct error err = { 0 };
	int result = scan_device(&scan, marker, &err);

	describe(&scan, result, &err, text);
	if (result != 1)
		return UNKNOWN;
	return scan.found == 0 ? ABSENT : PRESENT;
}

static void scan_store(struct proof *proof, const char *subject, const struct device *device,
		       const struct scan_marker *marker)
{
	dev_t store = device->crypt.store;
	char what[64], source[64], text[FOUND_TEXT_MAX];
	enum presence marker_is;

	snprintf(what, sizeof(what), "%s, store", subject);
	snprintf(source, sizeof(source), "block device %u:%u", major(store), minor(store));
	marker_is = look_for(marker, store, what, (struct user){ device->name, 0 }, text);
	proof_check(proof, marker_is == ABSENT, subject, "the marker is not in its store", source,
		    "%s", text);
}

static void scan_mapping(struct proof *proof, const char *subject, const struct device *device,
			 const struct scan_marker *marker)
{
	dev_t mapping = device->state.device;
	char what[64], source[64], text[FOUND_TEXT_MAX];
	enum presence marker_is;

	snprintf(what, sizeof(what), "%s, through the encryption", subject);
	snprintf(source, sizeof(source), "/dev/dm-%u", minor(mapping));
	marker_is = look_for(marker, mapping, what, (struct user){ device->name, 2 }, text);
	proof_add(proof, marker_is == PRESENT ? PROOF_HOLDS : PROOF_WARNING, subject,
		  "the marker is there through the encryption", source, "%s", text);
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
