/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral wipe: the keys go now, whoever has the disks open. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blkback.h"
#include "command.h"
#include "deadline.h"
#include "domain.h"
#include "output.h"
#include "parallel.h"

/*
 * How long requests in flight may hold up one device, in milliseconds, round by round: all that do
 * answer are wiped before any that does not is waited for. After TOTAL_MS no new wait begins.
 */
static const unsigned int rounds[] = { 200, 2000, 8000 };

#define ROUNDS	 (sizeof(rounds) / sizeof(rounds[0]))
#define TOTAL_MS 60000

struct target {
	bool chosen;
	bool done;
	struct error error; /* why not, once tried */
};

struct wipe {
	struct inventory inventory;
	struct target *targets; /* one for each device */
	unsigned int chosen;
};

static void choose(struct wipe *wipe, unsigned int i)
{
	wipe->chosen += !wipe->targets[i].chosen;
	wipe->targets[i].chosen = true;
}

/* The device of that number, and what it keeps its changes on. */
static void choose_number(struct wipe *wipe, dev_t number)
{
	const struct inventory *inventory = &wipe->inventory;
	const struct device *device = inventory_find_number(inventory, number);
	const struct device *below = NULL;

	if (device == NULL)
		return;
	choose(wipe, (unsigned int)(device - inventory->devices));
	if (device->table == DEVICE_SNAPSHOT)
		below = inventory_find_number(inventory, device->snapshot.store);
	if (below != NULL)
		choose(wipe, (unsigned int)(below - inventory->devices));
}

static void choose_all(struct wipe *wipe)
{
	for (unsigned int i = 0; i < wipe->inventory.count; i++)
		choose(wipe, i);
}

struct serving {
	struct wipe *wipe;
	uint32_t domid;
};

static void choose_served(uint32_t domid, uint32_t devid, void *context)
{
	struct serving *serving = context;
	struct blkback_disk disk;
	struct error ignored;

	if (domid != serving->domid || blkback_look(domid, devid, &disk, &ignored) != 1)
		return;
	choose_number(serving->wipe, disk.device);
}

/* What was made for the domain, and what else of ours blkback serves to it: named volumes. */
static void choose_domain(struct wipe *wipe, uint32_t domid)
{
	struct serving serving = { .wipe = wipe, .domid = domid };
	struct error ignored;

	for (unsigned int i = 0; i < wipe->inventory.count; i++) {
		const struct mapping_identity *identity = &wipe->inventory.devices[i].identity;

		if (!identity->named && identity->domid == domid)
			choose(wipe, i);
	}
	(void)blkback_each(choose_served, &serving, &ignored);
}

static void choose_volume(struct wipe *wipe, const char *name)
{
	for (unsigned int i = 0; i < wipe->inventory.count; i++) {
		const struct mapping_identity *identity = &wipe->inventory.devices[i].identity;

		if (identity->named && strcmp(identity->volume, name) == 0)
			choose(wipe, i);
	}
}

/* A number that may be a domain's: the devices carry it, so Xen need not be asked. */
static bool read_domid(const char *text, uint32_t *domid)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*domid = (uint32_t)number;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && number <= UINT32_MAX;
}

/* Wiped, then armed, or removed if nobody has it open. What is gone by itself is wiped too. */
static bool wipe_one(const char *name, unsigned int ms, struct error *err)
{
	struct error ignored;

	if (mapping_wipe(name, ms, err) < 0 && err->number != ENXIO) {
		/* Armed, so that the key goes with its last user at least. */
		(void)mapping_forget(name, &ignored);
		return false;
	}
	return mapping_forget(name, err) == 0;
}

/* A snapshot that an attach has put over the store since the devices were listed: the attach looks at
 * the store once more before it starts one (backend/cow.c), so one of the two sees the other. */
static bool wipe_above(const struct inventory *inventory, const struct device *store,
		       unsigned int ms, struct error *err)
{
	char name[MAPPING_NAME_MAX];

	if (store->identity.part != MAPPING_STORE || !mapping_name_other_part(store->name, name))
		return true;
	for (unsigned int i = 0; i < inventory->count; i++)
		if (strcmp(inventory->devices[i].name, name) == 0)
			return true;
	return wipe_one(name, ms, err);
}

struct round {
	struct wipe *wipe;
	unsigned int ms;
	uint64_t end;
};

static void try_one(unsigned int i, void *context)
{
	const struct round *round = context;
	const struct inventory *inventory = &round->wipe->inventory;
	const struct device *device = &inventory->devices[i];
	struct target *target = &round->wipe->targets[i];

	/* The first round is for every device, however long it takes. */
	if (!target->chosen || target->done ||
	    (round->ms != rounds[0] && deadline_now() >= round->end))
		return;
	target->done = wipe_one(device->name, round->ms, &target->error) &&
		       wipe_above(inventory, device, round->ms, &target->error);
}

/* How many are chosen and not done. */
static unsigned int count_left(const struct wipe *wipe)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < wipe->inventory.count; i++)
		left += wipe->targets[i].chosen && !wipe->targets[i].done;
	return left;
}

/* Tries all that is chosen and not done, many at a time: most of a wipe is a wait until no processor uses the
 * old table any more. */
static void run_rounds(struct wipe *wipe)
{
	struct round round = { .wipe = wipe, .end = deadline_now() + TOTAL_MS };

	deadline_step("wiping the encrypted devices");
	for (size_t i = 0; i < ROUNDS && count_left(wipe) > 0; i++) {
		round.ms = rounds[i];
		parallel_each(wipe->inventory.count, try_one, &round);
	}
}

/* By a domain's name, for which Xen is asked. */
static int choose_domain_named(struct wipe *wipe, const char *text, struct error *err)
{
	struct xen *xen = xen_connect(err);
	uint32_t domid;
	int result;

	if (xen == NULL)
		return -1;
	result = domain_find(xen, text, &domid, err);
	xen_close(xen);
	if (result == 0)
		choose_domain(wipe, domid);
	return result;
}

/*
 * A panic button needs as little as it can: what a number or a volume's name finds is wiped before Xen
 * is asked, which may not answer. A domain and a volume may have the same name: both are meant.
 */
static int choose_named(struct wipe *wipe, const char *text, struct error *err)
{
	bool numbered;
	uint32_t domid;

	numbered = read_domid(text, &domid);
	if (numbered)
		choose_domain(wipe, domid);
	choose_volume(wipe, text);
	run_rounds(wipe);
	if (numbered && wipe->chosen > 0)
		return 0;
	if (choose_domain_named(wipe, text, err) == 0)
		return 0;
	/* No such domain is no failure where a volume has that name; not to know is one. */
	return wipe->chosen > 0 && err->number == ENOENT ? 0 : -1;
}

static void print_one(const struct device *device, const struct target *target)
{
	char name[160], full[1024];

	output_name(device, name, sizeof(name));
	if (target->done) {
		printf("wiped %s\n", name);
		return;
	}
	error_full(&target->error, full, sizeof(full));
	fprintf(stderr, "xen-ephemeral: wipe: %s: %s\n", name, full);
}

static void print(const struct wipe *wipe)
{
	for (unsigned int i = 0; i < wipe->inventory.count; i++)
		if (wipe->targets[i].chosen)
			print_one(&wipe->inventory.devices[i], &wipe->targets[i]);
	if (wipe->chosen == 0)
		puts("nothing to wipe");
}

static void print_json(const struct wipe *wipe)
{
	struct json_object *array = json_object_new_array();
	char reason[1024];

	for (unsigned int i = 0; i < wipe->inventory.count; i++) {
		const struct target *target = &wipe->targets[i];

		if (!target->chosen)
			continue;
		error_full(&target->error, reason, sizeof(reason));
		json_object_array_add(array, output_result(&wipe->inventory.devices[i],
							   target->done ? "wiped" : "failed",
							   target->done ? NULL : reason));
	}
	output_print(array);
}

static int choose_by(struct wipe *wipe, const struct arguments *arguments, struct error *err)
{
	wipe->targets = calloc(wipe->inventory.count + 1, sizeof(*wipe->targets));
	if (wipe->targets == NULL)
		return error_set(err, ENOMEM, NULL, NULL, "cannot list the encrypted devices");
	if (!(arguments->seen & OPTION_ALL))
		return choose_named(wipe, arguments->operand, err);
	choose_all(wipe);
	return 0;
}

enum outcome command_wipe(const struct arguments *arguments, struct error *err)
{
	struct wipe wipe = { 0 };
	unsigned int left = 0;
	int result;

	if (inventory_read(&wipe.inventory, err) < 0)
		return OUTCOME_FAILED;
	result = choose_by(&wipe, arguments, err);
	if (result == 0 || wipe.chosen > 0) {
		run_rounds(&wipe);
		left = count_left(&wipe);
		(arguments->seen & OPTION_JSON ? print_json : print)(&wipe);
	}
	free(wipe.targets);
	inventory_free(&wipe.inventory);
	if (result == 0)
		err->action[0] = '\0';
	return result < 0 || left > 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}
