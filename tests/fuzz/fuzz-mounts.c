/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mountinfo: each line counts for itself, whatever stands before and behind it. */
#include "fuzz.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define DEVICE makedev(254, 3)

/* No path of this machine is looked at. Some are the device, some another one, some are not there. */
static int look_up(const char *path, struct stat *found)
{
	size_t length = strlen(path);

	*found = (struct stat){ .st_mode = S_IFBLK | 0600, .st_rdev = DEVICE };
	if (length % 3 == 1)
		found->st_rdev = makedev(254, 4);
	if (length % 3 == 2)
		return errno = ENOENT, -1;
	return 0;
}

/* Not the linker's --wrap: libFuzzer itself is linked too. */
#define stat(path, found) look_up(path, found)
#include "holder.c"

static struct holder_mounts read_text(const char *text, size_t length)
{
	FILE *file = fmemopen((char *)(uintptr_t)text, length, "r");
	struct holder_mounts mounts;

	MUST(file != NULL);
	holder_read_mounts(file, DEVICE, &mounts);
	fclose(file);
	MUST(mounts.any || !mounts.writable);
	return mounts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct holder_mounts whole, sum = { 0 }, one;
	char *text = fuzz_text(data, size), *line = text, *end;

	if (size > 0) {
		whole = read_text(text, size);
		for (; line < text + size; line = end + 1) {
			end = memchr(line, '\n', (size_t)(text + size - line));
			if (end == NULL)
				end = text + size;
			one = read_text(line, (size_t)(end - line) + (end < text + size));
			sum.any |= one.any;
			sum.writable |= one.writable;
		}
		MUST(whole.any == sum.any && whole.writable == sum.writable);
	}
	free(text);
	return 0;
}
