/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "key.h"
#include "table.h"

/* All options at once are shorter. */
#define OPTIONS_MAX 128

/* The options, with their number before them; nothing where there are none. */
static void put_options(const struct table_crypt *crypt, char text[OPTIONS_MAX])
{
	char words[OPTIONS_MAX] = "", sector[32] = "";
	const char *const wanted[] = {
		crypt->discard ? "allow_discards" : NULL,
		crypt->sector != 512 ? sector : NULL,
		crypt->queues & TABLE_QUEUE_READ ? NULL : "no_read_workqueue",
		crypt->queues & TABLE_QUEUE_WRITE ? NULL : "no_write_workqueue",
	};
	size_t used = 0;
	int count = 0;

	snprintf(sector, sizeof(sector), "sector_size:%u", crypt->sector);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i] != NULL) {
			used += (size_t)snprintf(words + used, sizeof(words) - used, " %s",
						 wanted[i]);
			count++;
		}
	text[0] = '\0';
	if (count > 0)
		snprintf(text, OPTIONS_MAX, " %d%s", count, words);
}

void table_crypt_params(const struct table_crypt *crypt, char params[TABLE_PARAMS_MAX])
{
	char options[OPTIONS_MAX];

	put_options(crypt, options);
	snprintf(params, TABLE_PARAMS_MAX, "aes-xts-plain64 :%d:logon:%s 0 %u:%u 0%s", KEY_BYTES,
		 crypt->key, major(crypt->store), minor(crypt->store), options);
}

void table_snapshot_params(const struct table_snapshot *snapshot, char params[TABLE_PARAMS_MAX])
{
	snprintf(params, TABLE_PARAMS_MAX, "%u:%u %u:%u N %u", major(snapshot->origin),
		 minor(snapshot->origin), major(snapshot->store), minor(snapshot->store),
		 snapshot->chunk);
}

uint64_t table_sectors(uint64_t bytes, unsigned int sector)
{
	return bytes / sector * (sector / 512);
}
