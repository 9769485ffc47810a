/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "output.h"
#include "proof.h"

static const char *const words[] = {
	[PROOF_HOLDS] = "ok",
	[PROOF_WARNING] = "warning",
	[PROOF_BROKEN] = "BROKEN",
};

void proof_add(struct proof *proof, enum proof_result result, const char *subject,
	       const char *claim, const char *source, const char *found, ...)
{
	char text[512], clean[512];
	struct json_object *line;
	va_list arguments;

	va_start(arguments, found);
	vsnprintf(text, sizeof(text), found, arguments);
	va_end(arguments);
	output_clean(text, clean, sizeof(clean));
	proof->broken += result == PROOF_BROKEN;
	proof->warnings += result == PROOF_WARNING;
	if (proof->lines == NULL) {
		printf("%-7s  %-5s %s: %s  [%s]\n", words[result], subject, claim, clean, source);
		return;
	}
	line = json_object_new_object();
	output_add_text(line, "result", words[result]);
	output_add_text(line, "subject", subject);
	output_add_text(line, "claim", claim);
	output_add_text(line, "found", clean);
	output_add_text(line, "source", source);
	json_object_array_add(proof->lines, line);
}
