/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "holder.h"

int __wrap_stat(const char *path, struct stat *found);

/* /dev/mapper/vg-b and /dev/sda1 are 254:3; /srv/image is a file that shows the number all the same. */
int __wrap_stat(const char *path, struct stat *found)
{
	*found = (struct stat){ .st_mode = S_IFBLK | 0600, .st_rdev = makedev(254, 3) };
	if (strcmp(path, "/srv/image") == 0)
		found->st_mode = S_IFREG | 0600;
	else if (strcmp(path, "/dev/sdb") == 0)
		found->st_rdev = makedev(8, 16);
	else if (strcmp(path, "/dev/mapper/vg-b") != 0 && strcmp(path, "/dev/sda1") != 0)
		return errno = ENOENT, -1;
	return 0;
}

#define OTHERS                                                             \
	"21 26 0:20 / /proc rw,relatime - proc proc rw\n"                  \
	"26 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n" \
	"27 26 254:30 / /mnt rw - ext4 /dev/vdb rw\n"

static const struct {
	const char *what, *text;
	bool any, writable;
} samples[] = {
	{ "nothing", "", false, false },
	{ "others only", OTHERS, false, false },
	{ "writable", OTHERS "30 26 254:3 / /a rw,relatime - ext4 /dev/x rw\n", true, true },
	{ "read-only", OTHERS "30 26 254:3 / /a ro,relatime - ext4 /dev/x ro,discard\n", true,
	  false },
	{ "read-only, without options", "30 26 254:3 / /a ro - ext4 /dev/x ro\n", true, false },
	{ "read-only, last line without its end", "30 26 254:3 / /a ro - ext4 /dev/x ro", true,
	  false },
	/* The mount's own "ro" hides nothing: the superblock is what writes. */
	{ "read-only mount, writable superblock", "30 26 254:3 / /a ro - ext4 /dev/x rw\n", true,
	  true },
	{ "writable mount, read-only superblock", "30 26 254:3 / /a rw - ext4 /dev/x ro\n", true,
	  false },
	{ "two mounts, the first writable",
	  "30 26 254:3 / /a rw - ext4 /dev/x rw\n31 26 254:3 / /b ro - ext4 /dev/x ro\n", true,
	  true },
	{ "two mounts, the second writable",
	  "30 26 254:3 / /a ro - ext4 /dev/x ro\n31 26 254:3 / /b rw - ext4 /dev/x rw\n", true,
	  true },
	{ "no optional fields", "30 26 254:3 / /a rw - ext4 /dev/x rw\n", true, true },
	{ "many optional fields",
	  "30 26 254:3 / /a rw shared:1 master:2 propagate_from:3 unbindable - ext4 /dev/x ro\n",
	  true, false },
	{ "blanks and dashes in the mount point",
	  "30 26 254:3 / /a\\040-\\040ext4 rw - ext4 /dev/x ro\n", true, false },
	{ "an option that starts with ro", "30 26 254:3 / /a rw - ext4 /dev/x rootcontext=x,rw\n",
	  true, true },
	{ "a bind mount of a part", "30 26 254:3 /sub /a rw - ext4 /dev/x rw\n", true, true },
	/* btrfs shows a number of its own; then its source counts. */
	{ "btrfs, writable", OTHERS "30 26 0:39 /root / rw - btrfs /dev/mapper/vg-b rw,ssd\n", true,
	  true },
	{ "btrfs, read-only", OTHERS "30 26 0:39 /root / ro - btrfs /dev/sda1 ro,ssd\n", true,
	  false },
	{ "btrfs on another device", "30 26 0:39 /root / rw - btrfs /dev/sdb rw\n", false, false },
	{ "btrfs on a device that is gone", "30 26 0:39 / / rw - btrfs /dev/gone rw\n", false,
	  false },
	{ "a source that is a file", "30 26 0:39 / / rw - fuse.x /srv/image rw\n", false, false },
	{ "a source that is no path", "30 26 0:39 / / rw - tmpfs dev/sda1 rw\n", false, false },
	/* What is not understood is not the device's. */
	{ "no separator", "30 26 254:3 / /a rw ext4 /dev/x rw\n", false, false },
	{ "no superblock options", "30 26 254:3 / /a rw - ext4 /dev/x\n", false, false },
	{ "no numbers", "a b c:d / /a rw - ext4 /dev/x rw\n", false, false },
	{ "an empty line", "\n30 26 254:3 / /a rw - ext4 /dev/x rw\n", true, true },
};

static void reads_mountinfo(void **state)
{
	struct holder_mounts mounts;
	FILE *file;

	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		/* fmemopen() refuses a size of 0. */
		file = samples[i].text[0] == '\0' ? fopen("/dev/null", "r")
						  : fmemopen((char *)(uintptr_t)samples[i].text,
							     strlen(samples[i].text), "r");
		assert_non_null(file);
		holder_read_mounts(file, makedev(254, 3), &mounts);
		fclose(file);
		assert_that(mounts.any == samples[i].any, "%s: any", samples[i].what);
		assert_that(mounts.writable == samples[i].writable, "%s: writable",
			    samples[i].what);
	}
}

/* A line may be as long as the options of an overlay make it, and holds up none behind it. */
static void reads_long_lines(void **state)
{
	struct holder_mounts mounts;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	fputs("29 26 0:40 / /c rw - overlay overlay rw,lowerdir=", file);
	for (int i = 0; i < 5000; i++)
		fputs("/some/layer:", file);
	fputs("\n30 26 254:3 / /a rw - ext4 /dev/x rw\n", file);
	rewind(file);
	holder_read_mounts(file, makedev(254, 3), &mounts);
	fclose(file);
	assert_true(mounts.any);
	assert_true(mounts.writable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_mountinfo),
		cmocka_unit_test(reads_long_lines),
	};

	return cmocka_run_group_tests_name("holder", tests, NULL, NULL);
}
