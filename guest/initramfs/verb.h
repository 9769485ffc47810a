/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral-initramfs: its verbs, and what they end with. */
#ifndef XE_INITRAMFS_VERB_H
#define XE_INITRAMFS_VERB_H

#include <stdbool.h>

#include "error.h"

/* The exit statuses, as xen-ephemeral-initramfs(8) promises them. */
enum outcome {
	OUTCOME_DONE = 0,
	OUTCOME_FAILED = 1,
	OUTCOME_USAGE = 2,
	OUTCOME_NOT_PREPARED = 3,
};

struct request {
	const char *kernel;
	const char *root;   /* where the kernels are */
	const char *share;  /* where our files are */
	const char *output; /* a new kernel's name, or NULL */
};

/* Each does its verb and prints its result on stdout. With OUTCOME_FAILED and OUTCOME_USAGE *err says
 * why. */
enum outcome verb_prepare(const struct request *request, struct error *err);
enum outcome verb_check(const struct request *request, struct error *err);
enum outcome verb_revert(const struct request *request, struct error *err);

#endif
