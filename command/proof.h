/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a proof: what was claimed of what, what was found, and where that was read. */
#ifndef XE_PROOF_H
#define XE_PROOF_H

#include <json-c/json.h>
#include <stdbool.h>

enum proof_result {
	PROOF_HOLDS,
	PROOF_WARNING, /* outside the promise, but worth knowing */
	PROOF_BROKEN,
};

struct proof {
	struct json_object *lines; /* an array, or NULL: text for people */
	unsigned int broken;
	unsigned int warnings;
};

/* Adds a line and, without lines, prints it. subject: "xvdc", "dom0"; source: a path or a call. */
void proof_add(struct proof *proof, enum proof_result result, const char *subject,
	       const char *claim, const char *source, const char *found, ...)
	__attribute__((format(printf, 6, 7)));

/* The same for a claim that either holds or is broken. */
#define proof_check(proof, holds, ...) \
	proof_add(proof, (holds) ? PROOF_HOLDS : PROOF_BROKEN, __VA_ARGS__)

#endif
