/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of a crypt or a snapshot target: what is ours is read back as it was written, and no key is
 * copied. The status of a snapshot. */
#include "fuzz.h"

#include "table.h"

/* What verify takes for a table of ours. */
static bool is_ours(const struct table_crypt_shown *shown)
{
	return strcmp(shown->cipher, "aes-xts-plain64") == 0 && shown->key_bytes == 64 &&
	       strcmp(shown->key_type, "logon") == 0 && shown->iv_offset == 0 &&
	       shown->start == 0 && !shown->others;
}

static void check_same(const struct table_crypt_shown *shown)
{
	struct table_crypt crypt = { .key = shown->key,
				     .store = shown->store,
				     .sector = shown->sector,
				     .queues = shown->queues,
				     .discard = shown->discard };
	struct table_crypt_shown again;
	char params[TABLE_PARAMS_MAX];

	table_crypt_params(&crypt, params);
	MUST(table_parse_crypt(params, &again));
	MUST(is_ours(&again) && strcmp(again.key, shown->key) == 0);
	MUST(again.store == shown->store && again.sector == shown->sector);
	MUST(again.discard == shown->discard && again.queues == shown->queues);
}

static const char *second_word(const char *text)
{
	text += strspn(text, " ");
	text += strcspn(text, " ");
	return text + strspn(text, " ");
}

static void check_snapshot(const char *text)
{
	struct table_snapshot snapshot, again;
	char params[TABLE_PARAMS_MAX];
	struct table_fill fill;

	if (table_parse_snapshot(text, &snapshot)) {
		table_snapshot_params(&snapshot, params);
		MUST(table_parse_snapshot(params, &again));
		MUST(again.origin == snapshot.origin && again.store == snapshot.store);
		MUST(again.chunk == snapshot.chunk && again.chunk > 0);
	}
	if (table_parse_fill(text, &fill) && fill.invalid)
		MUST(fill.used == 0 && fill.total == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct table_crypt_shown shown;

	if (table_parse_crypt(text, &shown)) {
		/* The sanitizers do not see one member run over into the next. */
		MUST(strlen(shown.cipher) < sizeof(shown.cipher));
		MUST(strlen(shown.key_type) < sizeof(shown.key_type));
		MUST(strlen(shown.key) < sizeof(shown.key));
		MUST(shown.sector == 512 || shown.sector == 4096);
		MUST(shown.cipher[0] != '\0' && strchr(shown.cipher, ' ') == NULL);
		MUST((shown.key_type[0] != '\0') == (second_word(text)[0] == ':'));
		/* A key that stands in the table itself is nothing to be copied. */
		MUST(shown.key_type[0] != '\0' || shown.key[0] == '\0');
		if (is_ours(&shown) && shown.key[0] != '\0')
			check_same(&shown);
	}
	check_snapshot(text);
	free(text);
	return 0;
}
