/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof for one encrypted device. */
#ifndef XE_VERIFY_DEVICE_H
#define XE_VERIFY_DEVICE_H

#include "inventory.h"
#include "proof.h"

/* The domains that may have the device as a disk: a guest and its stubdomain, or one of them twice. */
struct verify_users {
	uint32_t domid;
	uint32_t peer;
};

/* Proves of a cow disk that it is a snapshot of ours, armed, that nothing but the disks of these domains,
 * and the QEMU that serves them, has it open, that its origin is not written to, and of the device that
 * its changes go to what verify_device() proves. */
void verify_cow(struct proof *proof, const char *subject, const struct device *snapshot,
		const struct device *store, struct verify_users users);

/* Proves its cipher, that its key is in no keyring, that it is armed, that its store is its own, and
 * that nothing but the disks of these domains has it open. */
void verify_device(struct proof *proof, const char *subject, const struct device *device,
		   struct verify_users users);

#endif
