/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "swap.h"
#include "sysfs.h"

#define SWAPS	  "/proc/swaps"
#define DEPTH_MAX 8

static bool is_encrypted(dev_t device, unsigned int depth);

/* LVM on LUKS, say: all that the device stands on must be encrypted. */
static bool stands_on_encrypted(dev_t device, unsigned int depth)
{
	char path[64], attribute[SYSFS_VALUE_MAX + 16], value[SYSFS_VALUE_MAX];
	unsigned int found = 0;
	struct dirent *entry;
	dev_t slave;
	bool all = true;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/slaves", major(device), minor(device));
	dir = opendir(path);
	if (dir == NULL)
		return false;
	while (all && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		found++;
		snprintf(attribute, sizeof(attribute), "slaves/%.255s/dev", entry->d_name);
		all = sysfs_read_device(device, attribute, value) == 0 &&
		      sysfs_parse_number(value, &slave) && is_encrypted(slave, depth + 1);
	}
	closedir(dir);
	return all && found > 0;
}

static bool is_encrypted(dev_t device, unsigned int depth)
{
	char value[SYSFS_VALUE_MAX];

	if (depth > DEPTH_MAX)
		return false;
	if (sysfs_read_device(device, "dm/uuid", value) == 0 &&
	    (strncmp(value, "CRYPT-PLAIN-", 12) == 0 || strncmp(value, "CRYPT-LUKS", 10) == 0))
		return true;
	return stands_on_encrypted(device, depth);
}

static bool is_in_memory(dev_t device)
{
	char name[SYSFS_VALUE_MAX];

	return sysfs_device_name(device, name) == 0 && strncmp(name, "zram", 4) == 0;
}

/* "\040" is a blank (fs/seq_file.c, seq_path). */
static void undo_escapes(char *text)
{
	char *to = text;
	unsigned int code;

	while (*text != '\0') {
		if (text[0] == '\\' && sscanf(text + 1, "%3o", &code) == 1 && code < 256 &&
		    strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)code;
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

bool swap_next(FILE *file, char *path, size_t size)
{
	cleanup_free char *line = NULL;
	size_t room = 0, length;

	while (getline(&line, &room, file) >= 0) {
		length = strcspn(line, " \t\n");
		if (line[0] != '/' || length >= size) /* the heading */
			continue;
		memcpy(path, line, length);
		path[length] = '\0';
		undo_escapes(path);
		return true;
	}
	return false;
}

static void prove_one(struct proof *proof, const char *path)
{
	static const char claim[] = "its swap is encrypted or in memory";
	struct stat found;
	dev_t device;

	if (stat(path, &found) < 0) {
		proof_add(proof, PROOF_WARNING, "dom0", claim, SWAPS, "%s: %s", path,
			  strerror(errno));
		return;
	}
	device = S_ISBLK(found.st_mode) ? found.st_rdev : found.st_dev;
	if (is_encrypted(device, 0))
		proof_add(proof, PROOF_HOLDS, "dom0", claim, SWAPS, "%s is on dm-crypt", path);
	else if (is_in_memory(device))
		proof_add(proof, PROOF_HOLDS, "dom0", claim, SWAPS, "%s is zram", path);
	else
		proof_add(proof, PROOF_WARNING, "dom0", claim, SWAPS, "%s is in the clear", path);
}

void swap_prove(struct proof *proof)
{
	FILE *file = fopen(SWAPS, "re");
	char path[4096];
	bool any = false;

	/* A kernel without swap has no such file. */
	for (; file != NULL && swap_next(file, path, sizeof(path)); any = true)
		prove_one(proof, path);
	if (!any)
		proof_add(proof, PROOF_HOLDS, "dom0", "it has no swap", SWAPS, "none is on");
	if (file != NULL)
		fclose(file);
}
