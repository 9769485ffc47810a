/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral: the verbs of the operator's command, and what they end with. */
#ifndef XE_COMMAND_H
#define XE_COMMAND_H

#include "arguments.h"
#include "error.h"

/* The exit statuses, as xen-ephemeral(8) promises them. */
enum outcome {
	OUTCOME_DONE = 0,
	OUTCOME_FAILED = 1,
	OUTCOME_USAGE = 2,
	OUTCOME_LEFT = 3, /* something is there that should be gone */
};

/*
 * Each does its verb and prints its result on stdout. With OUTCOME_FAILED and OUTCOME_USAGE *err says
 * why; its action is empty where the verb has already told everything itself.
 */
enum outcome command_status(const struct arguments *arguments, struct error *err);
enum outcome command_verify(const struct arguments *arguments, struct error *err);
enum outcome command_wipe(const struct arguments *arguments, struct error *err);
enum outcome command_sweep(const struct arguments *arguments, struct error *err);
enum outcome command_open(const struct arguments *arguments, struct error *err);
enum outcome command_close(const struct arguments *arguments, struct error *err);
enum outcome command_arm(const struct arguments *arguments, struct error *err);

#endif
