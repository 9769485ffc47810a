/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vbd's mode: blkback looks for a 'w' anywhere in it, so there are two modes and no others. */
#include "fuzz.h"

#include "role.h"

static void check(const struct role *role, const char *mode, unsigned int domid)
{
	const char *wanted = role->kind == ROLE_VOLATILE ? "w" : "r";
	bool fits = strcmp(mode, wanted) == 0 && (domid != 0 || role->kind == ROLE_READ_ONLY);
	struct error err;

	if (role_check(role, mode, domid, &err) < 0) {
		MUST(!fits);
		fuzz_error(&err);
	} else {
		MUST(fits);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct role role;
	unsigned int domid;
	char *mode;

	if (size < 2)
		return 0;
	role.kind = data[0] & 1 ? ROLE_VOLATILE : ROLE_READ_ONLY;
	domid = data[1];
	mode = fuzz_text(data + 2, size - 2);
	check(&role, mode, domid);
	free(mode);
	return 0;
}
