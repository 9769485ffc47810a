/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "arguments.h"

static const struct option {
	const char *word;
	enum option_bit bit;
	bool takes_value;
	size_t value; /* offset in struct arguments */
} options[] = {
	{ "--json", OPTION_JSON, false, 0 },
	{ "--all", OPTION_ALL, false, 0 },
	{ "--dry-run", OPTION_DRY_RUN, false, 0 },
	{ "--discard", OPTION_DISCARD, false, 0 },
	{ "--name", OPTION_NAME, true, offsetof(struct arguments, name) },
	{ "--dir", OPTION_DIR, true, offsetof(struct arguments, dir) },
	{ "--size", OPTION_SIZE, true, offsetof(struct arguments, size) },
	{ "--dev", OPTION_DEV, true, offsetof(struct arguments, dev) },
	{ "--sector", OPTION_SECTOR, true, offsetof(struct arguments, sector) },
	{ "--workqueue", OPTION_WORKQUEUE, true, offsetof(struct arguments, workqueue) },
	{ "--scan", OPTION_SCAN, true, offsetof(struct arguments, scan) },
};

/* "--size=4G" and "--size" are both of that option. */
static const struct option *find_option(const char *word, unsigned int allowed)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if ((allowed & options[i].bit) && strlen(options[i].word) == length &&
		    strncmp(options[i].word, word, length) == 0)
			return &options[i];
	return NULL;
}

static int usage(const char *thing, const char *reason, struct error *err)
{
	return error_set(err, 0, thing, reason, "cannot use");
}

/* The value behind '=', or the next word. Returns NULL where there is none. */
static const char *find_value(char ***next, const char *word)
{
	const char *equals = strchr(word, '=');

	if (equals != NULL)
		return equals + 1;
	return **next != NULL ? *(*next)++ : NULL;
}

static int take_option(char ***next, const char *word, unsigned int allowed,
		       struct arguments *arguments, struct error *err)
{
	const struct option *option = find_option(word, allowed);
	const char *value;

	if (option == NULL)
		return usage(word, "this verb has no such option", err);
	if (arguments->seen & option->bit)
		return usage(word, "given twice", err);
	arguments->seen |= option->bit;
	if (!option->takes_value)
		return strchr(word, '=') ? usage(word, "takes no value", err) : 0;
	value = find_value(next, word);
	if (value == NULL || value[0] == '\0')
		return usage(word, "needs a value", err);
	memcpy((char *)arguments + option->value, &value, sizeof(value));
	return 0;
}

static int check_operands(const struct arguments *arguments, enum operands operands,
			  struct error *err)
{
	bool all = arguments->seen & OPTION_ALL;

	if (operands == OPERANDS_NONE && arguments->operand != NULL)
		return usage(arguments->operand, "this verb takes options only", err);
	if (operands == OPERANDS_ONE && arguments->operand == NULL)
		return error_set(err, 0, NULL, NULL, "a name is missing");
	if (operands == OPERANDS_ONE_OR_ALL && all == (arguments->operand != NULL))
		return error_set(err, 0, NULL, NULL,
				 all ? "a domain and --all exclude each other"
				     : "a domain or --all is missing");
	return 0;
}

static int take_word(char ***next, bool *options_end, unsigned int allowed,
		     struct arguments *arguments, struct error *err)
{
	const char *word = *(*next)++;

	if (!*options_end && strcmp(word, "--") == 0) {
		*options_end = true;
		return 0;
	}
	if (!*options_end && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
		arguments->help = true;
		return 0;
	}
	if (!*options_end && word[0] == '-')
		return take_option(next, word, allowed, arguments, err);
	if (arguments->operand != NULL)
		return usage(word, "one name is enough", err);
	if (word[0] == '\0')
		return usage("\"\"", "an empty name", err);
	arguments->operand = word;
	return 0;
}

int arguments_read(int argc, char **argv, unsigned int allowed, enum operands operands,
		   struct arguments *arguments, struct error *err)
{
	char **next = argv + 1;
	bool options_end = false;

	(void)argc; /* argv ends with NULL */
	memset(arguments, 0, sizeof(*arguments));
	while (*next != NULL)
		if (take_word(&next, &options_end, allowed, arguments, err) < 0)
			return -1;
	return arguments->help ? 0 : check_operands(arguments, operands, err);
}
