/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/file.h>

#include "deadline.h"
#include "mapping-task.h"
#include "mapping.h"

int mapping_arm(const struct mapping *mapping, struct error *err)
{
	return mapping_remove_deferred(mapping->name, "cannot arm the encrypted device", err);
}

int mapping_disarm(const struct mapping *mapping, struct error *err)
{
	cleanup_task struct dm_task *task = mapping_task(DM_DEVICE_TARGET_MSG, mapping->name, err);

	if (task == NULL)
		return -1;
	/* The kernel's own name for it (dm-ioctl.c, message_for_md). */
	if (!dm_task_set_sector(task, 0) || !dm_task_set_message(task, "@cancel_deferred_remove"))
		return error_set(err, errno, NULL, NULL, "cannot prepare the disarming");
	return mapping_task_run(task, "cannot disarm the encrypted device", err);
}

int mapping_lock(const struct mapping *mapping, unsigned int ms, struct error *err)
{
	uint64_t end = deadline_now() + ms;
	unsigned int step = 0;

	while (flock(mapping->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_set(err, errno, mapping->name, NULL, "cannot lock device");
		if (!deadline_pause(end, &step))
			return error_set(err, EBUSY, mapping->name, "something keeps it locked",
					 "cannot lock device");
	}
	return 0;
}
