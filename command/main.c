/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral VERB ...: the operator's command. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "deadline.h"
#include "process.h"

#define PROGRAM "xen-ephemeral"

static const struct verb {
	const char *name;
	enum outcome (*run)(const struct arguments *arguments, struct error *err);
	unsigned int options;
	enum operands operands;
	unsigned int seconds; /* what it may take at most */
	const char *synopsis;
	const char *description;
} verbs[] = {
	{ "status", command_status, OPTION_JSON, OPERANDS_OPTIONAL, 60, "[--json] [DOMAIN]",
	  "show each domain's ephemeral disks, and what is left over" },
	{ "verify", command_verify, OPTION_JSON | OPTION_ALL | OPTION_SCAN, OPERANDS_ONE_OR_ALL, 60,
	  "[--json] [--scan FILE] DOMAIN | --all",
	  "prove that a domain writes to encrypted disks only" },
	{ "wipe", command_wipe, OPTION_JSON | OPTION_ALL, OPERANDS_ONE_OR_ALL, 300,
	  "[--json] DOMAIN | --all", "erase the keys now, of disks in use too" },
	{ "sweep", command_sweep, OPTION_JSON | OPTION_DRY_RUN, OPERANDS_NONE, 300,
	  "[--json] [--dry-run]", "remove what nobody owns any more" },
	{ "open", command_open,
	  OPTION_JSON | OPTION_NAME | OPTION_DIR | OPTION_SIZE | OPTION_DEV | OPTION_DISCARD |
		  OPTION_SECTOR | OPTION_WORKQUEUE,
	  OPERANDS_NONE, 60,
	  "[--json] --name NAME {--dir DIR --size SIZE | --dev PATH} [--discard] [--sector BYTES] "
	  "[--workqueue WHICH]",
	  "make an encrypted disk under a name, and print its device" },
	{ "close", command_close, 0, OPERANDS_ONE, 60, "NAME", "end the disk of that name" },
	{ "arm", command_arm, 0, OPERANDS_ONE, 60, "NAME",
	  "let the disk end by itself with its last user" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(void)
{
	puts("usage: " PROGRAM " VERB [OPTION...]\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-7s %s\n          %s\n", verbs[i].name, verbs[i].synopsis,
		       verbs[i].description);
	puts("\nDOMAIN is a name or a number. Exit status: 0 done, 1 failed, 2 usage, 3 something "
	     "is\n"
	     "left that should be gone. " PROGRAM "(8) tells the whole.");
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* One line, unless the verb has told everything itself. */
static enum outcome report(const struct verb *verb, enum outcome outcome, const struct error *err)
{
	char full[1024];

	if ((outcome != OUTCOME_FAILED && outcome != OUTCOME_USAGE) || err->action[0] == '\0')
		return outcome;
	error_full(err, full, sizeof(full));
	if (outcome == OUTCOME_USAGE)
		fprintf(stderr, PROGRAM ": %s: %s (usage: " PROGRAM " %s %s)\n", verb->name, full,
			verb->name, verb->synopsis);
	else
		fprintf(stderr, PROGRAM ": %s: %s\n", verb->name, full);
	return outcome;
}

static enum outcome run(const struct verb *verb, const struct arguments *arguments,
			struct error *err)
{
	char who[64];

	if (geteuid() != 0) {
		error_set(err, 0, NULL, "only root may look at and change these devices",
			  "cannot run");
		return OUTCOME_FAILED;
	}
	snprintf(who, sizeof(who), PROGRAM ": %s", verb->name);
	if (process_prepare(err) < 0 || deadline_start(who, verb->seconds, err) < 0)
		return OUTCOME_FAILED;
	return verb->run(arguments, err);
}

/* What was printed into a full disk or a closed pipe was not printed. */
static enum outcome finish_output(const struct verb *verb, enum outcome outcome)
{
	struct error err;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return outcome;
	error_set(&err, 0, NULL, "is its disk full, or its reader gone?",
		  "cannot write to standard output");
	return report(verb, OUTCOME_FAILED, &err);
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct arguments arguments;
	struct error err = { 0 };
	enum outcome outcome;

	if (arguments_read(argc, argv, verb->options, verb->operands, &arguments, &err) < 0)
		return report(verb, OUTCOME_USAGE, &err);
	if (arguments.help) {
		printf("usage: " PROGRAM " %s %s\n%s\n", verb->name, verb->synopsis,
		       verb->description);
		return finish_output(verb, OUTCOME_DONE);
	}
	outcome = report(verb, run(verb, &arguments, &err), &err);
	return finish_output(verb, outcome);
}

int main(int argc, char **argv)
{
	const struct verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;

	if (verb != NULL)
		return run_verb(verb, argc - 1, argv + 1);
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_help();
		return OUTCOME_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts(PROGRAM " " XE_VERSION);
		return OUTCOME_DONE;
	}
	if (argc < 2)
		fprintf(stderr, PROGRAM ": a verb is missing (see " PROGRAM " --help)\n");
	else
		fprintf(stderr, PROGRAM ": unknown verb %s (see " PROGRAM " --help)\n", argv[1]);
	return OUTCOME_USAGE;
}
