/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen-ephemeral-initramfs VERB KERNEL: makes the kernels of a Qubes kind ready for ephemeral disks. */
#include <stdio.h>
#include <string.h>

#include "verb.h"

#define PROGRAM "xen-ephemeral-initramfs"

static const struct verb {
	const char *name;
	enum outcome (*run)(const struct request *request, struct error *err);
	const char *synopsis;
	const char *description;
} verbs[] = {
	{ "prepare", verb_prepare, "KERNEL [--output NAME] [--root DIR] [--share DIR]",
	  "add our /init to the kernel's initramfs, in place or as a new kernel" },
	{ "check", verb_check, "KERNEL [--root DIR] [--share DIR]",
	  "tell what is prepared; 3 unless all of it is" },
	{ "revert", verb_revert, "KERNEL [--root DIR]", "put the kept originals back" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(void)
{
	puts("usage: " PROGRAM " VERB KERNEL [OPTION...]\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-8s %s\n           %s\n", verbs[i].name, verbs[i].synopsis,
		       verbs[i].description);
	puts("\nKERNEL is the name of a folder below " XE_KERNELS ". Exit status:\n"
	     "0 done, 1 failed, 2 usage, 3 not prepared. " PROGRAM "(8) tells the whole.");
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* Where the option's value goes, or NULL for a word that is no option of this verb. */
static const char **find_option(const struct verb *verb, const char *word, size_t length,
				struct request *request)
{
	if (length == 6 && strncmp(word, "--root", length) == 0)
		return &request->root;
	if (length == 7 && strncmp(word, "--share", length) == 0 && verb->run != verb_revert)
		return &request->share;
	if (length == 8 && strncmp(word, "--output", length) == 0 && verb->run == verb_prepare)
		return &request->output;
	return NULL;
}

static int take_option(const struct verb *verb, char ***next, const char *word,
		       struct request *request, struct error *err)
{
	size_t length = strcspn(word, "=");
	const char **value = find_option(verb, word, length, request);

	if (value == NULL)
		return error_set(err, 0, word, "this verb has no such option", "cannot use");
	if (word[length] == '=')
		*value = word + length + 1;
	else
		*value = **next != NULL ? *(*next)++ : "";
	if ((*value)[0] == '\0')
		return error_set(err, 0, word, "needs a value", "cannot use");
	return 0;
}

static int take_words(const struct verb *verb, char **next, struct request *request,
		      struct error *err)
{
	bool options = true;

	while (*next != NULL) {
		const char *word = *next++;

		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && word[0] == '-' && word[1] != '\0') {
			if (take_option(verb, &next, word, request, err) < 0)
				return -1;
		} else if (request->kernel != NULL)
			return error_set(err, 0, word, "one kernel is enough", "cannot use");
		else
			request->kernel = word;
	}
	return request->kernel != NULL
		       ? 0
		       : error_set(err, 0, NULL, NULL, "a kernel's name is missing");
}

static enum outcome report(const struct verb *verb, enum outcome outcome, const struct error *err)
{
	char full[1536];

	if (outcome != OUTCOME_FAILED && outcome != OUTCOME_USAGE)
		return outcome;
	error_full(err, full, sizeof(full));
	if (outcome == OUTCOME_USAGE)
		fprintf(stderr, PROGRAM ": %s: %s (usage: " PROGRAM " %s %s)\n", verb->name, full,
			verb->name, verb->synopsis);
	else
		fprintf(stderr, PROGRAM ": %s: %s\n", verb->name, full);
	return outcome;
}

/* What was printed into a full disk or a closed pipe was not printed. */
static enum outcome finish_output(enum outcome outcome)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return outcome;
	fputs(PROGRAM ": cannot write to standard output: is its disk full?\n", stderr);
	return OUTCOME_FAILED;
}

static bool wants_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static enum outcome run_verb(const struct verb *verb, char **words)
{
	struct request request = { .root = XE_KERNELS, .share = XE_SHARE };
	struct error err = { 0 };

	for (char **word = words; *word != NULL && strcmp(*word, "--") != 0; word++)
		if (wants_help(*word)) {
			printf("usage: " PROGRAM " %s %s\n%s\n", verb->name, verb->synopsis,
			       verb->description);
			return finish_output(OUTCOME_DONE);
		}
	if (take_words(verb, words, &request, &err) < 0)
		return report(verb, OUTCOME_USAGE, &err);
	return finish_output(report(verb, verb->run(&request, &err), &err));
}

int main(int argc, char **argv)
{
	const struct verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;

	if (verb != NULL)
		return run_verb(verb, argv + 2);
	if (argc == 2 && wants_help(argv[1])) {
		print_help();
		return finish_output(OUTCOME_DONE);
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts(PROGRAM " " XE_VERSION);
		return finish_output(OUTCOME_DONE);
	}
	if (argc < 2)
		fprintf(stderr, PROGRAM ": a verb is missing (see " PROGRAM " --help)\n");
	else
		fprintf(stderr, PROGRAM ": unknown verb %s (see " PROGRAM " --help)\n", argv[1]);
	return OUTCOME_USAGE;
}
