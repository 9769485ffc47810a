/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain's QEMU in dom0 can write to: a way past blkback. */
#ifndef XE_EMULATED_H
#define XE_EMULATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "inventory.h"
#include "proof.h"

/* Tells whether a command line (its words each with a NUL behind it, as in /proc/PID/cmdline) has the
 * option -xen-domid with that number. */
bool emulated_serves(const char *words, size_t length, uint32_t domid);

/* Counts the descriptors of dom0's processes that serve the domain which are the device: each is one
 * opener of it, and the domain's own. */
unsigned int emulated_openers(dev_t device, uint32_t domid);

/*
 * Looks at every process of dom0 that serves the domain, and adds a line for each: it must have no file
 * and no block device open for writing that is not a device of ours. What its descriptors are is the
 * truth, whatever its command line says. Standard output and error are its log.
 * expected: the domain has one, so that to find none is no proof.
 */
void emulated_prove(struct proof *proof, const struct inventory *inventory, uint32_t domid,
		    bool expected);

#endif
