/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapping-call.h"

#define CONTROL "/dev/mapper/" DM_CONTROL_NODE

/*
 * libdevmapper.h's flags of the same names. They travel in the upper half of event_nr, and in the uevent; in the
 * lower half would be a cookie to wait for.
 */
#define DISABLE_SUBSYSTEM_RULES	 0x0002u
#define DISABLE_DISK_RULES	 0x0004u
#define DISABLE_OTHER_RULES	 0x0008u
#define DISABLE_LIBRARY_FALLBACK 0x0020u
#define PRIMARY_SOURCE		 0x0040u

/* Room for some 200 devices; what is longer is asked for again. */
#define LIST_BYTES     16384u
#define LIST_BYTES_MAX (64u << 20)

/* Of zeros before. */
static void begin(struct dm_ioctl *head, size_t size)
{
	/* The oldest kernel interface that has these calls: the kernel refuses what is newer than itself. */
	head->version[0] = DM_VERSION_MAJOR;
	head->data_start = sizeof(*head);
	head->data_size = (uint32_t)size;
}

void mapping_call_begin(struct mapping_call *call, const char *name)
{
	/* All of it: nothing of this process that it need not have goes to the kernel. */
	memset(call, 0, sizeof(*call));
	begin(&call->head, sizeof(*call));
	snprintf(call->head.name, sizeof(call->head.name), "%s", name);
}

void mapping_call_quiet_udev(struct mapping_call *call)
{
	call->head.event_nr = (DISABLE_SUBSYSTEM_RULES | DISABLE_DISK_RULES | DISABLE_OTHER_RULES |
			       DISABLE_LIBRARY_FALLBACK | PRIMARY_SOURCE)
			      << 16;
}

void mapping_call_ask_status(struct mapping_call *call)
{
	/* Somebody else may have put a table there with its key in it: the kernel wipes its copies. */
	call->head.flags |= DM_SECURE_DATA_FLAG;
}

void mapping_call_ask_table(struct mapping_call *call)
{
	mapping_call_ask_status(call);
	call->head.flags |= DM_STATUS_TABLE_FLAG;
}

bool mapping_call_has_target(const struct mapping_call *call)
{
	return call->head.target_count == 1 && !(call->head.flags & DM_BUFFER_FULL_FLAG);
}

/* One descriptor for all of the process's calls; the node loads the module when it is opened. */
static int open_control(struct error *err)
{
	static int control = -1;

	if (control < 0)
		control = open(CONTROL, O_RDWR | O_CLOEXEC);
	if (control < 0)
		error_set(err, errno, CONTROL, "is the device-mapper module there?",
			  "cannot call the kernel's device-mapper");
	return control;
}

static int run(struct dm_ioctl *head, unsigned long request, const char *action, struct error *err)
{
	int control = open_control(err);

	if (control < 0)
		return -1;
	if (ioctl(control, request, head) < 0)
		return error_set(err, errno, NULL, NULL, "%s", action);
	return 0;
}

int mapping_call_run(struct mapping_call *call, unsigned long request, const char *action,
		     struct error *err)
{
	return run(&call->head, request, action, err);
}

/* The answer in that much room, or with DM_BUFFER_FULL_FLAG. */
static struct dm_ioctl *list_in(size_t size, const char *prefix, unsigned long request,
				const char *action, struct error *err)
{
	/* Zeros: of an empty list the kernel writes the head alone. */
	struct dm_ioctl *head = calloc(1, size);

	if (head == NULL) {
		error_set(err, errno, NULL, NULL, "%s", action);
		return NULL;
	}
	begin(head, size);
	snprintf(head->name, sizeof(head->name), "%s", prefix);
	if (run(head, request, action, err) == 0)
		return head;
	free(head);
	return NULL;
}

struct dm_ioctl *mapping_call_list(unsigned long request, const char *prefix, const char *action,
				   struct error *err)
{
	struct dm_ioctl *head;

	for (size_t size = LIST_BYTES; size <= LIST_BYTES_MAX; size *= 2) {
		head = list_in(size, prefix, request, action, err);
		if (head == NULL || !(head->flags & DM_BUFFER_FULL_FLAG))
			return head;
		free(head);
	}
	error_set(err, E2BIG, NULL, NULL, "%s", action);
	return NULL;
}

int mapping_call_load(const char *name, uint64_t sectors, const char *target, const char *params,
		      const char *action, struct error *err)
{
	struct mapping_call call;

	mapping_call_begin(&call, name);
	call.head.target_count = 1;
	call.target.length = sectors;
	snprintf(call.target.target_type, sizeof(call.target.target_type), "%s", target);
	snprintf(call.params, sizeof(call.params), "%s", params);
	return mapping_call_run(&call, DM_TABLE_LOAD, action, err);
}
