/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blkback's physical_device in sysfs. */
#include "fuzz.h"

#include <strings.h>
#include <sys/sysmacros.h>

#include "sysfs.h"

/* Leading zeros are another way to write the same number. */
static const char *skip_zeros(const char *text)
{
	while (text[0] == '0' && text[1] != '\0' && text[1] != ':')
		text++;
	return text;
}

static bool is_written_as(const char *text, dev_t device)
{
	char first[16], second[16];
	size_t length;

	snprintf(first, sizeof(first), "%x:", major(device));
	snprintf(second, sizeof(second), "%x", minor(device));
	text = skip_zeros(text);
	length = strlen(first);
	return strncasecmp(text, first, length) == 0 &&
	       strcasecmp(skip_zeros(text + length), second) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	dev_t device;

	if (sysfs_parse_device(text, &device))
		MUST(is_written_as(text, device));
	free(text);
	return 0;
}
