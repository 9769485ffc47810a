/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <sys/sysmacros.h>

#include "key.h"
#include "table.h"

void table_crypt_params(const struct table_crypt *crypt, char params[TABLE_PARAMS_MAX])
{
	char sector[32] = "", options[64] = "";
	int count = (crypt->discard ? 1 : 0) + (crypt->sector != 512 ? 1 : 0);

	if (crypt->sector != 512)
		snprintf(sector, sizeof(sector), " sector_size:%u", crypt->sector);
	if (count > 0)
		snprintf(options, sizeof(options), " %d%s%s", count,
			 crypt->discard ? " allow_discards" : "", sector);
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
