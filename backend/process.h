/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that a hotplug script is: what it inherits is the toolstack's, and not to be trusted. */
#ifndef XE_PROCESS_H
#define XE_PROCESS_H

#include "error.h"

/*
 * Resets signals (libxl resets SIGPIPE only; libvirtd blocks many), umask 077, closes descriptors
 * above 2, opens 0 to 2 where they are closed, forbids core dumps.
 */
int process_prepare(struct error *err);

#endif
