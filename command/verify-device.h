/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof for one encrypted device. */
#ifndef XE_VERIFY_DEVICE_H
#define XE_VERIFY_DEVICE_H

#include "inventory.h"
#include "proof.h"

/* Proves its cipher, that its key is in no keyring, that it is armed, and that its store is its own. */
void verify_device(struct proof *proof, const char *subject, const struct device *device);

#endif
