/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's command line: which options and how many operands are allowed, then the words. */
#include "fuzz.h"

#include "arguments.h"

#define WORDS_MAX 64

static bool is_value_fine(unsigned int seen, enum option_bit bit, const char *value)
{
	return (seen & bit) ? value != NULL && value[0] != '\0' : value == NULL;
}

static void check(const struct arguments *arguments, unsigned int allowed, enum operands operands)
{
	unsigned int seen = arguments->seen;
	bool all = seen & OPTION_ALL;

	MUST((seen & ~allowed) == 0);
	MUST(is_value_fine(seen, OPTION_NAME, arguments->name));
	MUST(is_value_fine(seen, OPTION_DIR, arguments->dir));
	MUST(is_value_fine(seen, OPTION_SIZE, arguments->size));
	MUST(is_value_fine(seen, OPTION_DEV, arguments->dev));
	MUST(is_value_fine(seen, OPTION_SECTOR, arguments->sector));
	MUST(is_value_fine(seen, OPTION_WORKQUEUE, arguments->workqueue));
	MUST(is_value_fine(seen, OPTION_SCAN, arguments->scan));
	MUST(arguments->operand == NULL || arguments->operand[0] != '\0');
	if (arguments->help)
		return;
	MUST(operands != OPERANDS_NONE || arguments->operand == NULL);
	MUST(operands != OPERANDS_ONE || arguments->operand != NULL);
	MUST(operands != OPERANDS_ONE_OR_ALL || all != (arguments->operand != NULL));
}

static int split(char *text, const char *end, char *words[WORDS_MAX])
{
	int count = 1;

	words[0] = "verb";
	for (; text < end && count < WORDS_MAX - 1; text += strlen(text) + 1)
		words[count++] = text;
	words[count] = NULL;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[WORDS_MAX], *text;
	struct arguments arguments;
	enum operands operands;
	unsigned int allowed;
	struct error err;

	if (size < 3)
		return 0;
	allowed = data[0] | (data[1] & 3u) << 8;
	operands = (enum operands)(data[2] & 3);
	text = fuzz_text(data + 3, size - 3);
	if (arguments_read(split(text, text + size - 3, words), words, allowed, operands,
			   &arguments, &err) == 0)
		check(&arguments, allowed, operands);
	else
		fuzz_error(&err);
	free(text);
	return 0;
}
