/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "role.h"
#include "size.h"
#include "table.h"

#define VOLATILE_PREFIX "volatile:"
#define COW_PREFIX	"cow:"

/* A key may come once; these are the bits of those already seen. */
enum option_bit {
	SEEN_DIR = 1,
	SEEN_DEV = 2,
	SEEN_SIZE = 4,
	SEEN_DISCARD = 8,
	SEEN_SECTOR = 16,
	SEEN_ORIGIN = 32,
	SEEN_WORKQUEUE = 64,
};

static int take_path(const char *key, const char *value, const char **to, struct error *err)
{
	if (value[0] != '/')
		return error_set(err, 0, value, "not an absolute path", "cannot use %s=", key);
	*to = value;
	return 0;
}

static int set_origin(struct role *role, const char *value, struct error *err)
{
	return take_path("origin", value, &role->origin, err);
}

static int set_dir(struct role *role, const char *value, struct error *err)
{
	return take_path("dir", value, &role->dir, err);
}

static int set_dev(struct role *role, const char *value, struct error *err)
{
	return take_path("dev", value, &role->dev, err);
}

static int set_size(struct role *role, const char *value, struct error *err)
{
	return size_parse(value, &role->size, err);
}

static int set_discard(struct role *role, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	role->discard = true;
	return 0;
}

static int set_sector(struct role *role, const char *value, struct error *err)
{
	if (strcmp(value, "512") != 0 && strcmp(value, "4096") != 0)
		return error_set(err, 0, value, "a sector has 512 or 4096 bytes",
				 "cannot use sector=");
	role->sector = value[0] == '5' ? 512 : 4096;
	return 0;
}

static int set_workqueue(struct role *role, const char *value, struct error *err)
{
	static const char *const values[] = {
		[0] = "none",
		[TABLE_QUEUE_READ] = "read",
		[TABLE_QUEUE_WRITE] = "write",
		[TABLE_QUEUE_READ | TABLE_QUEUE_WRITE] = "both",
	};

	for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(value, values[i]) == 0) {
			role->queues = i;
			return 0;
		}
	return error_set(err, 0, value, "none, read, write or both", "cannot use workqueue=");
}

static const struct option {
	const char *key;
	enum option_bit bit;
	bool takes_value;
	int (*set)(struct role *role, const char *value, struct error *err);
} options[] = {
	{ "origin", SEEN_ORIGIN, true, set_origin },
	{ "dir", SEEN_DIR, true, set_dir },
	{ "dev", SEEN_DEV, true, set_dev },
	{ "size", SEEN_SIZE, true, set_size },
	{ "discard", SEEN_DISCARD, false, set_discard },
	{ "sector", SEEN_SECTOR, true, set_sector },
	{ "workqueue", SEEN_WORKQUEUE, true, set_workqueue },
};

static const struct option *find_option(const char *key, bool with_origin)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i].key, key) == 0 &&
		    (with_origin || options[i].bit != SEEN_ORIGIN))
			return &options[i];
	return NULL;
}

static int unknown_option(const struct role *role, const char *key, struct error *err)
{
	if (role->kind == ROLE_COW)
		return error_set(err, 0, key, "known are origin, dir, dev, size and workqueue",
				 "unknown option of a cow target");
	return error_set(err, 0, key, "known are dir, dev, size, discard, sector and workqueue",
			 "unknown option of a volatile target");
}

/* One "key" or "key=value"; word is cut at the '='. */
static int take_option(struct role *role, char *word, unsigned int *seen, struct error *err)
{
	char *value = strchr(word, '=');
	const struct option *option;

	if (value != NULL)
		*value++ = '\0';
	option = find_option(word, role->kind == ROLE_COW);
	if (option == NULL)
		return unknown_option(role, word, err);
	if (*seen & option->bit)
		return error_set(err, 0, NULL, "given twice", "cannot use option %s", option->key);
	if (option->takes_value != (value != NULL))
		return error_set(err, 0, NULL, value ? "takes no value" : "needs a value",
				 "cannot use option %s", option->key);
	*seen |= option->bit;
	return option->set(role, value, err);
}

/* action: what is said of a store that is not whole. */
static int check_store(unsigned int seen, const char *action, struct error *err)
{
	switch (seen & (SEEN_DIR | SEEN_DEV | SEEN_SIZE)) {
	case SEEN_DIR | SEEN_SIZE:
	case SEEN_DEV:
		return 0;
	case SEEN_DIR:
		return error_set(err, 0, NULL, "dir= needs size=", "%s", action);
	case SEEN_DEV | SEEN_SIZE:
		return error_set(err, 0, NULL, "dev= has its own size, size= goes with dir=", "%s",
				 action);
	case SEEN_DEV | SEEN_DIR:
	case SEEN_DEV | SEEN_DIR | SEEN_SIZE:
		return error_set(err, 0, NULL, "either dir= or dev=, not both", "%s", action);
	default:
		return error_set(err, 0, NULL, "dir= and size=, or dev=, must be there", "%s",
				 action);
	}
}

static int check_cow(const struct role *role, unsigned int seen, struct error *err)
{
	static const char action[] = "cannot use this cow: target";

	if (!(seen & SEEN_ORIGIN))
		return error_set(err, 0, NULL, "origin= must be there", action);
	if (role->discard)
		return error_set(err, 0, NULL, "a snapshot takes no discards", action);
	if (role->sector != 512)
		return error_set(err, 0, NULL, "the sectors are those of its origin", action);
	return check_store(seen, action, err);
}

static int parse_options(struct role *role, char *text, struct error *err)
{
	unsigned int seen = 0;
	char *word;

	/* strsep, not strtok: an empty option ("a,,b") is an error and must be seen. */
	while ((word = strsep(&text, ",")) != NULL)
		if (take_option(role, word, &seen, err) < 0)
			return -1;
	if (role->kind == ROLE_COW)
		return check_cow(role, seen, err);
	return check_store(seen, "cannot use this volatile: target", err);
}

/* What stands behind prefix, or NULL. */
static char *behind(char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static int copy_text(const char *text, size_t length, struct role *role, struct error *err)
{
	if (length >= sizeof(role->text))
		return error_set(err, 0, NULL, "longer than 4095 bytes", "cannot use target");
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return error_set(err, 0, NULL, "a control character is in it",
					 "cannot use target");
	memcpy(role->text, text, length);
	role->text[length] = '\0';
	return 0;
}

int role_parse(const char *text, size_t length, struct role *role, struct error *err)
{
	char *rest;

	memset(role, 0, offsetof(struct role, text));
	role->sector = 512;
	if (copy_text(text, length, role, err) < 0)
		return -1;
	rest = behind(role->text, VOLATILE_PREFIX);
	role->kind = ROLE_VOLATILE;
	if (rest == NULL) {
		rest = behind(role->text, COW_PREFIX);
		role->kind = ROLE_COW;
	}
	if (rest != NULL)
		return parse_options(role, rest, err);
	if (role->text[0] != '/')
		return error_set(err, 0, role->text,
				 "neither an absolute path nor volatile:... nor cow:origin=...",
				 "cannot use target");
	role->kind = ROLE_READ_ONLY;
	role->origin = role->text;
	return 0;
}

int role_check(const struct role *role, const char *mode, unsigned int domid, struct error *err)
{
	static const char action[] = "cannot attach this disk";

	if (strcmp(mode, "r") != 0 && strcmp(mode, "w") != 0)
		return error_set(err, 0, mode, "a mode is r or w", "cannot use mode");
	if (role->kind == ROLE_READ_ONLY && mode[0] == 'w')
		return error_set(
			err, 0, NULL,
			"writable, but its target is not ephemeral (access=ro, volatile: or cow:)",
			action);
	if (role->kind == ROLE_VOLATILE && mode[0] == 'r')
		return error_set(err, 0, NULL, "a volatile: target needs access=rw", action);
	if (role->kind == ROLE_COW && mode[0] == 'r')
		return error_set(err, 0, NULL, "a cow: target needs access=rw", action);
	if (role->kind != ROLE_READ_ONLY && domid == 0)
		return error_set(err, 0, NULL, "domain 0 gets no writable disk", action);
	return 0;
}
