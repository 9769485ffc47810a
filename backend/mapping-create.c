/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "mapping-call.h"
#include "mapping.h"

/* The UUID is the name's middle behind a prefix of its own: lsblk and cryptsetup go by it. */
static void make_uuid(const char *prefix, const char *name, char uuid[MAPPING_NAME_MAX])
{
	const char *middle = name + strlen(MAPPING_PREFIX);

	snprintf(uuid, MAPPING_NAME_MAX, "%s%.*s", prefix, (int)strcspn(middle, "@"), middle);
}

/* Creates the device that is called mapping->name. */
static int create(const char *prefix, struct mapping *mapping, struct error *err)
{
	struct mapping_call call;

	mapping_call_begin(&call, mapping->name);
	make_uuid(prefix, mapping->name, call.head.uuid);
	if (mapping_call_run(&call, DM_DEV_CREATE, "cannot create the encrypted device", err) < 0)
		return -1;
	mapping->device = (dev_t)call.head.dev;
	return 0;
}

int mapping_create(struct mapping_owner owner, struct mapping *mapping, struct error *err)
{
	mapping->fd = -1;
	if (mapping_name_make(owner, mapping->name, err) < 0)
		return -1;
	return create(MAPPING_UUID_PREFIX, mapping, err);
}

int mapping_create_over(const struct mapping *store, struct mapping *mapping, struct error *err)
{
	mapping->fd = -1;
	if (!mapping_name_other_part(store->name, mapping->name))
		return error_set(err, 0, store->name, "not the store of a cow disk",
				 "cannot create the snapshot");
	return create(MAPPING_COW_PREFIX, mapping, err);
}

int mapping_open(struct mapping *mapping, struct error *err)
{
	static const char action[] = "cannot open the encrypted device";
	char node[32];
	struct stat found;
	cleanup_fd int fd = -1;

	/* devtmpfs makes this node in the kernel, before the call that registers it returns. */
	snprintf(node, sizeof(node), "/dev/dm-%u", minor(mapping->device));
	fd = open(node, O_RDWR | O_DIRECT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &found) < 0)
		return error_set(err, errno, node, NULL, "%s", action);
	if (!S_ISBLK(found.st_mode) || found.st_rdev != mapping->device)
		return error_set(err, 0, node, "another device stands there", "%s", action);
	mapping->fd = steal_fd(&fd);
	return 0;
}

int mapping_check_unwiped(const struct mapping *mapping, struct error *err)
{
	struct mapping_state state;

	if (mapping_look(mapping->name, &state, err) < 0)
		return -1;
	if (state.exists && !state.live)
		return 0;
	return error_set(err, ECANCELED, NULL, "it was wiped", "cannot start the encrypted device");
}

int mapping_resume(const struct mapping *mapping, struct error *err)
{
	struct mapping_call call;

	mapping_call_begin(&call, mapping->name);
	mapping_call_quiet_udev(&call);
	/* Without DM_SUSPEND_FLAG this resumes. */
	return mapping_call_run(&call, DM_DEV_SUSPEND, "cannot start the encrypted device", err);
}

void mapping_close(struct mapping *mapping)
{
	close_fd(&mapping->fd);
}

void mapping_undo(struct mapping *mapping)
{
	struct mapping_state state;
	struct error ignored;

	mapping_close(mapping);
	/* A named volume's name may by now be that of another process's device. */
	if (mapping_look(mapping->name, &state, &ignored) == 0 &&
	    (!state.exists || state.device != mapping->device || state.live))
		return;
	(void)mapping_forget(mapping->name, &ignored);
}
