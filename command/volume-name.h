/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operand of close and arm. */
#ifndef XE_VOLUME_NAME_H
#define XE_VOLUME_NAME_H

#include "error.h"
#include "mapping.h"

/* Writes the mapping's name of the volume. Returns 0, or -1 for what cannot be a volume's name. */
int volume_name_read(const char *text, char name[MAPPING_NAME_MAX], struct error *err);

/* Looks at the volume; one that is not there has exists = false. A device of its name that is not ours
 * is an error. Returns 0 or -1. */
int volume_name_look(const char *name, struct mapping_state *state, struct error *err);

#endif
