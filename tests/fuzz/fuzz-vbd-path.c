/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XENBUS_PATH: what is accepted names one disk, in the one way that there is. */
#include "fuzz.h"

#include <inttypes.h>

#include "vbd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct vbd vbd;
	struct error err;
	char again[64];

	if (vbd_parse_path(text, &vbd, &err) == 0) {
		snprintf(again, sizeof(again), "backend/vbd/%" PRIu32 "/%" PRIu32, vbd.domid,
			 vbd.devid);
		MUST(strcmp(again, text) == 0);
		MUST(strcmp(vbd.path, text) == 0);
		MUST(vbd.owner == vbd.domid);
	} else {
		fuzz_error(&err);
	}
	free(text);
	return 0;
}
