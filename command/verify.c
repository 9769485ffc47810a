/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral verify: the promise, line by line, from the running system. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "blkback.h"
#include "cleanup.h"
#include "command.h"
#include "domain.h"
#include "dump.h"
#include "emulated.h"
#include "output.h"
#include "record.h"
#include "swap.h"
#include "verify-disk.h"

struct verify {
	struct xen *xen;
	struct inventory inventory;
	struct json_object *json;	  /* an array of domains, or NULL */
	const struct scan_marker *marker; /* or NULL */
	unsigned int broken;
	unsigned int domains;
};

static void begin(struct verify *verify, struct proof *proof)
{
	*proof = (struct proof){ 0 };
	if (verify->json != NULL)
		proof->lines = json_object_new_array();
}

static void finish(struct verify *verify, struct proof *proof, uint32_t domid)
{
	cleanup_free char *name = domain_name(verify->xen, domid);
	struct json_object *object;
	char text[128];

	verify->broken += proof->broken;
	verify->domains++;
	if (verify->json == NULL) {
		output_clean(name ? name : "(no name)", text, sizeof(text));
		printf("%s (%" PRIu32 "): %s\n", text, domid,
		       proof->broken ? "the promise is BROKEN" : "the promise holds");
		return;
	}
	object = json_object_new_object();
	output_add_number(object, "domid", domid);
	output_add_text(object, "name", name);
	json_object_object_add(object, "holds", json_object_new_boolean(proof->broken == 0));
	json_object_object_add(object, "checks", proof->lines);
	json_object_array_add(verify->json, object);
}

static void prove_host(struct proof *proof)
{
	swap_prove(proof);
	dump_prove(proof);
}

/* A stubdomain's disks are the guest's once more: they need the same proof. */
static int prove_domain(struct verify *verify, uint32_t domid, const struct record *record,
			struct error *err)
{
	uint32_t stubdomain = domain_stubdomain(verify->xen, domid);
	struct verify_users users = { domid, stubdomain ? stubdomain : domid };
	struct record second = { 0 };
	struct proof proof;

	if (stubdomain != 0 && record_read(verify->xen, stubdomain, &second, err) < 0)
		return -1;
	begin(verify, &proof);
	verify_disks(&proof, &verify->inventory, record, domid, users, verify->marker);
	if (stubdomain != 0) /* the same stores: searched once */
		verify_disks(&proof, &verify->inventory, &second, stubdomain, users, NULL);
	emulated_prove(&proof, &verify->inventory, domid,
		       stubdomain == 0 && domain_is_hvm(verify->xen, domid));
	if (stubdomain != 0)
		emulated_prove(&proof, &verify->inventory, stubdomain, false);
	prove_host(&proof);
	/* Of a domain that has gone meanwhile there was nothing to see. */
	proof_check(&proof, domain_exists(verify->xen, domid, err) == 1, "domain",
		    "it is there at the end", "libxenlight", "domain %" PRIu32, domid);
	finish(verify, &proof, domid);
	record_free(&second);
	return 0;
}

/* A named volume may have been attached by any script. */
static bool is_served_by_us(const struct inventory *inventory, const struct record_disk *disk)
{
	struct blkback_disk served;
	struct error ignored;

	return blkback_look(disk->domid, disk->devid, &served, &ignored) == 1 &&
	       inventory_find_number(inventory, served.device) != NULL;
}

static bool has_ephemeral(const struct inventory *inventory, const struct record *record)
{
	for (unsigned int i = 0; i < record->count; i++)
		if (record_is_ephemeral(&record->disks[i]) ||
		    is_served_by_us(inventory, &record->disks[i]))
			return true;
	return false;
}

/* any: whether or not the domain has a disk of ours. */
static int verify_domain(struct verify *verify, uint32_t domid, bool any, struct error *err)
{
	struct record record;
	int result = 0;

	if (record_read(verify->xen, domid, &record, err) < 0)
		return -1;
	/* Read after the record: what it names is there by then. */
	inventory_free(&verify->inventory);
	if (inventory_read(&verify->inventory, err) < 0) {
		record_free(&record);
		return -1;
	}
	if (any || has_ephemeral(&verify->inventory, &record))
		result = prove_domain(verify, domid, &record, err);
	record_free(&record);
	return result;
}

static int verify_all(struct verify *verify, struct error *err)
{
	cleanup_free uint32_t *domids = NULL;
	int count = domain_list(verify->xen, &domids, err);

	for (int i = 0; i < count; i++)
		if (verify_domain(verify, domids[i], false, err) < 0)
			return -1;
	if (verify->domains == 0 && verify->json == NULL && count >= 0)
		puts("no domain has an ephemeral disk");
	return count < 0 ? -1 : 0;
}

static int verify_wanted(struct verify *verify, const struct arguments *arguments,
			 struct error *err)
{
	uint32_t domid;

	if (arguments->seen & OPTION_ALL)
		return verify_all(verify, err);
	if (domain_find(verify->xen, arguments->operand, &domid, err) < 0)
		return -1;
	if (domid == 0)
		return error_set(err, 0, NULL, "it is not a guest", "cannot verify domain 0");
	return verify_domain(verify, domid, true, err);
}

enum outcome command_verify(const struct arguments *arguments, struct error *err)
{
	struct scan_marker marker;
	struct verify verify = { 0 };
	int result;

	if (arguments->seen & OPTION_SCAN) {
		if (scan_read_marker(arguments->scan, &marker, err) < 0)
			return err->number ? OUTCOME_FAILED : OUTCOME_USAGE;
		verify.marker = &marker;
	}
	verify.xen = xen_connect(err);
	if (verify.xen == NULL)
		return OUTCOME_FAILED;
	if (arguments->seen & OPTION_JSON)
		verify.json = json_object_new_array();
	result = verify_wanted(&verify, arguments, err);
	inventory_free(&verify.inventory);
	if (verify.json != NULL && result == 0)
		output_print(verify.json);
	else
		json_object_put(verify.json);
	xen_close(verify.xen);
	return result < 0 || verify.broken > 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}
