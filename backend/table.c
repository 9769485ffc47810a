/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <sys/sysmacros.h>

#include "key.h"
#include "table.h"

void table_crypt_params(const struct table_crypt *crypt, char params[TABLE_PARAMS_MAX])
{
	int options = (crypt->discard ? 1 : 0) + (crypt->sector != 512 ? 1 : 0);
	int used = snprintf(params, TABLE_PARAMS_MAX, "aes-xts-plain64 :%d:logon:%s 0 %u:%u 0",
			    KEY_BYTES, crypt->key, major(crypt->store), minor(crypt->store));
	size_t rest = TABLE_PARAMS_MAX - (size_t)used;

	if (options == 0)
		return;
	used = snprintf(params + used, rest, " %d%s", options,
			crypt->discard ? " allow_discards" : "");
	if (crypt->sector != 512)
		snprintf(params + TABLE_PARAMS_MAX - rest + used, rest - (size_t)used,
			 " sector_size:%u", crypt->sector);
}

uint64_t table_sectors(uint64_t bytes, unsigned int sector)
{
	return bytes / sector * (sector / 512);
}
