/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral sweep: removes mappings and loop devices of ours that nobody owns. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "device.h"
#include "orphan-loop.h"
#include "output.h"
#include "ownership.h"

/* How long a device may take to go, and requests in flight to end, in milliseconds. */
#define GONE_MS 1000
#define WIPE_MS 5000

struct sweep {
	bool dry_run;
	struct json_object *json; /* an array, or NULL: text for people */
	unsigned int left;
};

static void tell(struct sweep *sweep, const struct device *device, const char *result,
		 const char *reason)
{
	char name[160];

	if (sweep->json != NULL) {
		json_object_array_add(sweep->json, output_result(device, result, reason));
		return;
	}
	output_name(device, name, sizeof(name));
	printf("%s: %s%s%s\n", name, result, reason ? ": " : "", reason ? reason : "");
}

/* Removed if nobody has it open; else armed, and without its key. Returns 1 when it is gone. */
static int remove_device(const struct device *device, struct error *err)
{
	struct mapping_state state;
	int gone;

	if (mapping_forget(device->name, err) < 0)
		return -1;
	gone = mapping_await_end(device->name, GONE_MS, &state, err);
	if (gone != 0)
		return gone;
	if (mapping_wipe(device->name, WIPE_MS, err) == 0)
		return 0;
	return err->number == ENXIO ? 1 : -1;
}

static void sweep_device(struct sweep *sweep, const struct device *device)
{
	char reason[1024];
	struct error err;
	int gone;

	if (sweep->dry_run) {
		sweep->left++;
		tell(sweep, device, "left over", NULL);
		return;
	}
	gone = remove_device(device, &err);
	if (gone == 1) {
		tell(sweep, device, "removed", NULL);
		return;
	}
	sweep->left++;
	if (gone == 0) {
		tell(sweep, device, "wiped", "it goes when whatever has it open lets go");
		return;
	}
	error_full(&err, reason, sizeof(reason));
	tell(sweep, device, "not removed", reason);
}

/* One that was being made when it was listed may be whole by now: only what has not changed for a
 * moment is nobody's. */
static bool is_unchanged(const struct device *device)
{
	const struct timespec moment = { .tv_sec = 1 };
	struct device now;
	struct error ignored;

	if (device->table != DEVICE_EMPTY)
		return true;
	nanosleep(&moment, NULL);
	return device_look(device->name, &now, &ignored) == 1 && now.table == DEVICE_EMPTY &&
	       now.state.openers == device->state.openers &&
	       now.state.device == device->state.device;
}

/* From the end: a snapshot, which stands on its store, comes before it. */
static int sweep_devices(struct sweep *sweep, struct xen *xen, const struct inventory *inventory,
			 struct error *err)
{
	for (unsigned int i = inventory->count; i > 0; i--) {
		const struct device *device = &inventory->devices[i - 1];
		int left = ownership_is_left(xen, device, err);

		if (left < 0)
			return -1;
		if (left && is_unchanged(device))
			sweep_device(sweep, device);
	}
	return 0;
}

static void sweep_loop(const char *name, void *context)
{
	struct sweep *sweep = context;
	bool gone = !sweep->dry_run && orphan_loop_remove(name);
	const char *result = gone	      ? "removed"
			     : sweep->dry_run ? "left over"
					      : "not removed: in use";
	struct json_object *object;

	sweep->left += !gone;
	if (sweep->json == NULL) {
		printf("/dev/%s: %s\n", name, result);
		return;
	}
	object = json_object_new_object();
	output_add_text(object, "loop", name);
	output_add_text(object, "result", result);
	json_object_array_add(sweep->json, object);
}

static int run(struct sweep *sweep, struct error *err)
{
	struct xen *xen = xen_connect(err);
	struct inventory inventory;
	int result = -1;

	if (xen == NULL)
		return -1;
	if (inventory_read(&inventory, err) == 0) {
		result = sweep_devices(sweep, xen, &inventory, err);
		inventory_free(&inventory);
	}
	xen_close(xen);
	/* After the devices: a loop device under one of them is gone with it. */
	return result < 0 ? -1 : orphan_loop_each(sweep_loop, sweep, err);
}

enum outcome command_sweep(const struct arguments *arguments, struct error *err)
{
	struct sweep sweep = { .dry_run = arguments->seen & OPTION_DRY_RUN };
	int result;

	if (arguments->seen & OPTION_JSON)
		sweep.json = json_object_new_array();
	result = run(&sweep, err);
	if (sweep.json != NULL && result == 0)
		output_print(sweep.json);
	else
		json_object_put(sweep.json);
	if (result < 0)
		return OUTCOME_FAILED;
	return sweep.left > 0 ? OUTCOME_LEFT : OUTCOME_DONE;
}
