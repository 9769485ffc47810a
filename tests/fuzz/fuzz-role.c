/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of target=, and which vbd a role fits. One byte more than xenstore gives a node.
 * options: -max_len=4200 */
#include "fuzz.h"

#include <inttypes.h>

#include "role.h"

/* The same role, written in one order. */
static void write_role(const struct role *role, char *text, size_t size)
{
	static const char *const queues[] = { "none", "read", "write", "both" };
	const char *discard = role->discard ? ",discard" : "";

	if (role->kind == ROLE_READ_ONLY)
		snprintf(text, size, "%s", role->origin);
	else if (role->kind == ROLE_COW && role->dir != NULL)
		snprintf(text, size, "cow:origin=%s,dir=%s,size=%" PRIu64 ",workqueue=%s",
			 role->origin, role->dir, role->size, queues[role->queues]);
	else if (role->kind == ROLE_COW)
		snprintf(text, size, "cow:origin=%s,dev=%s,workqueue=%s", role->origin, role->dev,
			 queues[role->queues]);
	else if (role->dir != NULL)
		snprintf(text, size, "volatile:dir=%s,size=%" PRIu64 "%s,sector=%u,workqueue=%s",
			 role->dir, role->size, discard, role->sector, queues[role->queues]);
	else
		snprintf(text, size, "volatile:dev=%s%s,sector=%u,workqueue=%s", role->dev, discard,
			 role->sector, queues[role->queues]);
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_same(const struct role *role)
{
	char text[2 * ROLE_TEXT_MAX];
	struct error err;
	struct role again;

	write_role(role, text, sizeof(text));
	if (strlen(text) >= ROLE_TEXT_MAX) /* the whole form may be longer than what was given */
		return;
	MUST(role_parse(text, strlen(text), &again, &err) == 0);
	MUST(again.kind == role->kind && again.size == role->size);
	MUST(again.discard == role->discard && again.sector == role->sector);
	MUST(again.queues == role->queues);
	MUST(same_text(again.origin, role->origin));
	MUST(same_text(again.dir, role->dir) && same_text(again.dev, role->dev));
}

static void check_origin(const struct role *role)
{
	if (role->kind == ROLE_VOLATILE) {
		MUST(role->origin == NULL);
		return;
	}
	MUST(role->origin[0] == '/' && strchr(role->origin, ',') == NULL);
	MUST(!role->discard && role->sector == 512);
}

static void check_volatile(const struct role *role)
{
	const char *path = role->dir ? role->dir : role->dev;

	check_origin(role);
	MUST((role->dir == NULL) != (role->dev == NULL));
	MUST(path[0] == '/' && strchr(path, ',') == NULL);
	MUST((role->size > 0) == (role->dir != NULL));
	MUST(role->size <= INT64_MAX && role->size % 4096 == 0);
	MUST(role->sector == 512 || role->sector == 4096);
	MUST(role->queues <= 3);
}

static bool has_option(const char *text, const char *option)
{
	const char *word = strchr(text, ':');
	size_t length = strlen(option);

	while (word != NULL && strncmp(word + 1, option, length) != 0)
		word = strchr(word + 1, ',');
	return word != NULL;
}

/* Each option was given once: there are as many words as there are values. */
static void check_words(const char *text, const struct role *role)
{
	size_t words = 1;
	bool sector = has_option(text, "sector="), queues = has_option(text, "workqueue=");

	for (; *text != '\0'; text++)
		words += *text == ',';
	MUST(words == (size_t)(role->dir != NULL) + (role->dev != NULL) + (role->size > 0) +
			      (role->origin != NULL) + role->discard + sector + queues);
}

static void check_fit(const struct role *role)
{
	bool writable = role->kind != ROLE_READ_ONLY;
	struct error err;

	MUST((role_check(role, "w", 1, &err) == 0) == writable);
	MUST((role_check(role, "r", 1, &err) == 0) == !writable);
	MUST(role_check(role, "w", 0, &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct error err;
	struct role role;

	if (role_parse(text, size, &role, &err) == 0) {
		/* Nothing of it gets lost behind a NUL, and a log can show it. */
		MUST(strlen(text) == size && fuzz_is_printable(text));
		if (role.kind != ROLE_READ_ONLY) {
			check_volatile(&role);
			check_words(text, &role);
		} else {
			MUST(role.origin[0] == '/' && strcmp(role.origin, text) == 0);
		}
		check_same(&role);
		check_fit(&role);
	} else {
		fuzz_error(&err);
	}
	free(text);
	return 0;
}
