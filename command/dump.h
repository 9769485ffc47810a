/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of dom0 writes memory to a disk when something crashes. */
#ifndef XE_DUMP_H
#define XE_DUMP_H

#include "proof.h"

/* Adds a warning for core dumps of programs, and for kdump. */
void dump_prove(struct proof *proof);

#endif
