/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of one verb. */
#ifndef XE_ARGUMENTS_H
#define XE_ARGUMENTS_H

#include <stdbool.h>

#include "error.h"

enum option_bit {
	OPTION_JSON = 1,
	OPTION_ALL = 2,
	OPTION_DRY_RUN = 4,
	OPTION_NAME = 8,
	OPTION_DIR = 16,
	OPTION_SIZE = 32,
	OPTION_DEV = 64,
	OPTION_DISCARD = 128,
	OPTION_SECTOR = 256,
	OPTION_SCAN = 512,
	OPTION_WORKQUEUE = 1024,
};

/* How many words a verb takes beside its options. */
enum operands {
	OPERANDS_NONE,
	OPERANDS_OPTIONAL,
	OPERANDS_ONE,
	OPERANDS_ONE_OR_ALL, /* one, or --all */
};

struct arguments {
	unsigned int seen;   /* of option_bit */
	const char *operand; /* or NULL */
	const char *name, *dir, *size, *dev, *sector, *workqueue, *scan;
	bool help;
};

/*
 * Reads argv, whose first word is the verb, into *arguments; its pointers go into argv. allowed is of
 * option_bit. Returns 0, or -1: unknown, repeated or misplaced.
 */
int arguments_read(int argc, char **argv, unsigned int allowed, enum operands operands,
		   struct arguments *arguments, struct error *err);

#endif
