/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ext2fs/ext2fs.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "image.h"

/* What mkfs gives a filesystem and nothing here changes: its UUID, its time and its hash seed. */
static bool read_birth(const struct kernel *kernel, const char *image,
		       struct ext2_super_block *super)
{
	struct error ignored;
	cleanup_fd int fd = kernel_open_file(kernel, image, &ignored);

	return fd >= 0 &&
	       pread(fd, super, sizeof(*super), SUPERBLOCK_OFFSET) == (ssize_t)sizeof(*super) &&
	       super->s_magic == ext2fs_cpu_to_le16(EXT2_SUPER_MAGIC);
}

bool image_is_same(const struct kernel *kernel, const char *image, const char *other)
{
	struct ext2_super_block a, b;

	return read_birth(kernel, image, &a) && read_birth(kernel, other, &b) &&
	       memcmp(a.s_uuid, b.s_uuid, sizeof(a.s_uuid)) == 0 &&
	       memcmp(a.s_hash_seed, b.s_hash_seed, sizeof(a.s_hash_seed)) == 0 &&
	       a.s_mkfs_time == b.s_mkfs_time;
}
