/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Xen asks a hotplug script to do. */
#ifndef XE_VERB_H
#define XE_VERB_H

#include "error.h"
#include "vbd.h"

/* Attaches the disk. Returns 0, or -1 with nothing attached and nothing left behind. */
int verb_add(struct vbd *vbd, struct error *err);

/*
 * Makes sure that nothing of the disk stays. What is gone already is no failure, and nothing is
 * written to xenstore. Returns 0, or -1 when a device still holds its key at the end.
 */
int verb_remove(struct vbd *vbd, struct error *err);

#endif
