/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One disk of a domain, as xenstore and blkback know it.
 *
 * Everything comes from the backend directory, backend/vbd/<domid>/<devid>, which the guest can read
 * and not write; its own frontend directory, which it can write, is never read (XSA-175).
 * Paths are relative to the home of the domain this runs in, so a driver domain works as dom0 does.
 */
#ifndef XE_VBD_H
#define XE_VBD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <xenstore.h>

#include "error.h"

struct vbd {
	struct xs_handle *xs;
	char path[64];
	uint32_t domid;
	uint32_t devid;
	uint32_t owner; /* the domain that a stubdomain serves, else domid */
	bool connected; /* it had a physical-device before we came */
	char *params;	/* what stands behind target=, owned, with a NUL behind it */
	unsigned int params_length;
	char mode[8];
};

/*
 * Fills *vbd from the value of XENBUS_PATH (NULL when unset): exactly backend/vbd/<domid>/<devid>,
 * two decimal numbers of 32 bits without leading zeros. Returns 0 or -1.
 */
int vbd_parse_path(const char *path, struct vbd *vbd, struct error *err);

/* Connects to xenstore. Returns 0 or -1. */
int vbd_connect(struct vbd *vbd, struct error *err);

/*
 * Reads and checks what an attach needs: state is 2 (InitWait, blkback waits for a device), no
 * physical-device yet, frontend-id is the path's domid; then params and mode. Returns 0 or -1.
 */
int vbd_read(struct vbd *vbd, struct error *err);

/*
 * Sets vbd->owner. A stubdomain has a node `target` in its home, which only the toolstack can write
 * (libxl_dm.c). A driver domain may not read other domains' homes: there a stubdomain's volatile disk
 * is a volume of its own, so an emulated disk and the guest's do not meet. Returns 0 or -1.
 */
int vbd_find_owner(struct vbd *vbd, struct error *err);

/* Checks that a stubdomain's disk has the same params as its owner's. Returns 0 or -1. */
int vbd_check_same_disk(const struct vbd *vbd, struct error *err);

/*
 * Tells blkback and libxl which device it is, in one transaction that first checks again that the
 * disk is still there and still waits. emulated: QEMU may open the device too, by physical-device-path
 * (libxl_disk.c, libxl__device_disk_find_local_path): the kernel's own node /dev/dm-N, which devtmpfs makes.
 * Without that node an HVM guest has the disk through its PV drivers only. Returns 0 or -1.
 */
int vbd_publish(struct vbd *vbd, dev_t device, bool emulated, struct error *err);

/* Waits until blkback has opened exactly this device in the vbd's mode. Returns 0 or -1: another
 * device, blkback closed the disk, the disk is gone, or no answer in 15 s. */
int vbd_await(struct vbd *vbd, dev_t device, struct error *err);

/* Takes the published device back, unless something else has changed it; called while the device is
 * still held, since blkback opens by a number that is another device's as soon as ours is gone. */
void vbd_retract(struct vbd *vbd, dev_t device);

/* Writes hotplug-error (public form) and hotplug-status, if the disk is still there: nothing that is
 * gone is made again. A disk that something else has connected keeps its status. */
void vbd_fail(struct vbd *vbd, const struct error *err);

/* Frees what is held. */
void vbd_close(struct vbd *vbd);

/* Reads one node, relative to the disk or absolute, with a NUL behind it; length may be NULL. The
 * caller frees it. NULL with errno set. */
char *vbd_get(const struct vbd *vbd, xs_transaction_t transaction, const char *node,
	      unsigned int *length);

/* Fills *err for a failed xenstore call, "action what: why", and returns -1. */
int vbd_error(struct error *err, int number, const char *action, const char *what);

#endif
