/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dom0's own swap: where a page of a dom0 program can land. */
#ifndef XE_SWAP_H
#define XE_SWAP_H

#include <stdbool.h>
#include <stdio.h>

#include "proof.h"

/* Reads the next path of a /proc/swaps (proc(5)), its octal escapes undone; false at the end. */
bool swap_next(FILE *file, char *path, size_t size);

/* Adds a line for each swap area: a warning unless it is encrypted or in memory. */
void swap_prove(struct proof *proof);

#endif
