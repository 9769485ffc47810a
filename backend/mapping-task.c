/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mapping-task.h"

/* libdevmapper's own words about the failure at hand; it has no other place to put them. */
static char last_words[160];

static __attribute__((format(printf, 5, 6))) void keep_words(int level, const char *file, int line,
							     int dm_errno, const char *format, ...)
{
	va_list arguments;

	(void)file;
	(void)line;
	(void)dm_errno;
	/* The first complaint names the cause, those after it the consequences. */
	if (level > 3 || last_words[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(last_words, sizeof(last_words), format, arguments);
	va_end(arguments);
}

static void prepare_library(void)
{
	static bool prepared;

	if (prepared)
		return;
	dm_log_with_errno_init(keep_words);
	dm_set_name_mangling_mode(DM_STRING_MANGLING_NONE);
	/* With synchronisation off, udev's flags travel without a semaphore to wait on or to leak. */
	dm_udev_set_sync_support(0);
	prepared = true;
}

int mapping_task_refused(const char *action, struct error *err)
{
	error_set(err, 0, NULL, "libdevmapper refuses it", "%s", action);
	error_add_detail(err, last_words);
	return -1;
}

struct dm_task *mapping_task(int kind, const char *name, struct error *err)
{
	struct dm_task *task;

	prepare_library();
	last_words[0] = '\0';
	task = dm_task_create(kind);
	if (task == NULL) {
		/* That asks the kernel for its version (ioctl/libdm-iface.c, _check_version). */
		error_set(err, errno, name, "is the device-mapper module there?",
			  "cannot prepare a device-mapper call");
		error_add_detail(err, last_words);
		return NULL;
	}
	if (name == NULL || dm_task_set_name(task, name))
		return task;
	mapping_task_refused("cannot prepare a device-mapper call", err);
	destroy_task(&task);
	return NULL;
}

int mapping_task_quiet_udev(struct dm_task *task, struct error *err)
{
	const uint16_t flags = DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG |
			       DM_UDEV_DISABLE_DISK_RULES_FLAG | DM_UDEV_DISABLE_OTHER_RULES_FLAG |
			       DM_UDEV_DISABLE_LIBRARY_FALLBACK;
	uint32_t cookie = 0;

	if (dm_task_set_cookie(task, &cookie, flags))
		return 0;
	return mapping_task_refused("cannot set udev's flags", err);
}

int mapping_task_run(struct dm_task *task, const char *action, struct error *err)
{
	if (dm_task_run(task))
		return 0;
	/* An ioctl that failed has its own errno; without one the library never got that far. */
	if (dm_task_get_errno(task) != 0)
		error_set(err, dm_task_get_errno(task), NULL, NULL, "%s", action);
	else
		error_set(err, ENODEV, NULL, "is the device-mapper module there?", "%s", action);
	error_add_detail(err, last_words);
	return -1;
}
