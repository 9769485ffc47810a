/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gcrypt.h>
#include <stdio.h>
#include <string.h>

#include "marker.h"

#define SHA256_BYTES 32
#define MARKER_MAX   4096

static const char made_from_word[] = "made-from: ";

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
	return there <= 0 ? there : bytes_begins_with(&found, &wanted);
}

static int add_made_from(struct bytes *text, const char *name, struct error *err)
{
	if (bytes_append(text, made_from_word, strlen(made_from_word), err) < 0 ||
	    bytes_append(text, name, strlen(name), err) < 0)
		return -1;
	return bytes_append(text, "\n", 1, err);
}

int marker_write(const struct kernel *kernel, const struct bytes *initramfs, const char *made_from,
		 struct error *err)
{
	static const struct stat like = { .st_mode = 0644 };
	cleanup_bytes struct bytes text = { .limit = MARKER_MAX };

	if (format(initramfs, &text, err) < 0 ||
	    (made_from != NULL && add_made_from(&text, made_from, err) < 0) ||
	    kernel_write(kernel, KERNEL_NEW, &text, &like, err) < 0)
		return -1;
	return kernel_put(kernel, KERNEL_NEW, KERNEL_MARKER, err);
}

int marker_made_from(const struct kernel *kernel, char name[KERNEL_NAME_ROOM], struct error *err)
{
	cleanup_bytes struct bytes text = { .limit = MARKER_MAX };
	const char *found;
	int there = kernel_read(kernel, KERNEL_MARKER, &text, NULL, err);

	if (there <= 0)
		return there;
	if (bytes_append(&text, "", 1, err) < 0)
		return -1;
	found = strstr((const char *)text.data, made_from_word);
	if (found == NULL)
		return 0;
	found += strlen(made_from_word);
	snprintf(name, KERNEL_NAME_ROOM, "%.*s", (int)strcspn(found, "\n"), found);
	return kernel_check_name(name, err) < 0 ? kernel_blame(kernel, err, KERNEL_MARKER) : 1;
}
