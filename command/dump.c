/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "dump.h"
#include "sysfs.h"

#define CORE_PATTERN "/proc/sys/kernel/core_pattern"
#define CRASH_KERNEL "/sys/kernel/kexec_crash_loaded"

/* The backend itself cannot be dumped; QEMU, which has what a guest shows and types, can. */
static void prove_core(struct proof *proof)
{
	static const char claim[] = "no program's memory is dumped to a disk";
	char value[SYSFS_VALUE_MAX] = "unreadable";

	(void)sysfs_read(CORE_PATTERN, value);
	if (value[0] == '\0' || strcmp(value, "|/bin/false") == 0)
		proof_add(proof, PROOF_HOLDS, "dom0", claim, CORE_PATTERN, "core dumps are off");
	else
		proof_add(proof, PROOF_WARNING, "dom0", claim, CORE_PATTERN,
			  "core dumps go to \"%s\" where a limit allows them", value);
}

static void prove_kdump(struct proof *proof)
{
	static const char claim[] = "no crash kernel saves all memory";
	char value[SYSFS_VALUE_MAX];

	if (sysfs_read(CRASH_KERNEL, value) < 0 || strcmp(value, "0") == 0)
		proof_add(proof, PROOF_HOLDS, "dom0", claim, CRASH_KERNEL, "none is loaded");
	else
		proof_add(proof, PROOF_WARNING, "dom0", claim, CRASH_KERNEL, "one is loaded");
}

void dump_prove(struct proof *proof)
{
	prove_core(proof);
	prove_kdump(proof);
}
