/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gcrypt.h>
#include <stdio.h>

#include "marker.h"

#define SHA256_BYTES 32
#define MARKER_MAX   4096

static int format(const struct bytes *initramfs, struct bytes *text, struct error *err)
{
	uint8_t digest[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1], lines[256];
	int length;

	if (!gcry_check_version(NULL))
		return error_set(err, 0, NULL, NULL, "cannot start libgcrypt");
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, initramfs->data, initramfs->length);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	length = snprintf(lines, sizeof(lines), "version: %s\ninitramfs-sha256: %s\n", XE_VERSION,
			  hex);
	return bytes_append(text, lines, (size_t)length, err);
}

int marker_is_right(const struct kernel *kernel, const struct bytes *initramfs, struct error *err)
{
	cleanup_bytes struct bytes wanted = { .limit = MARKER_MAX },
				   found = { .limit = MARKER_MAX };
	int there;

	if (format(initramfs, &wanted, err) < 0)
		return -1;
	there = kernel_read(kernel, KERNEL_MARKER, &found, NULL, err);
	return there <= 0 ? there : bytes_equal(&wanted, &found);
}

int marker_write(const struct kernel *kernel, const struct bytes *initramfs, struct error *err)
{
	static const struct stat like = { .st_mode = 0644 };
	cleanup_bytes struct bytes text = { .limit = MARKER_MAX };

	if (format(initramfs, &text, err) < 0 ||
	    kernel_write(kernel, KERNEL_NEW, &text, &like, err) < 0)
		return -1;
	return kernel_put(kernel, KERNEL_NEW, KERNEL_MARKER, err);
}
