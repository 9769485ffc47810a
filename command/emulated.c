/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "emulated.h"

/* Room for the options that libxl gives QEMU before it comes to the disks. */
#define COMMAND_LINE_MAX 16384

static bool is_number(const char *word, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return strcmp(word, text) == 0;
}

bool emulated_serves(const char *words, size_t length, uint32_t domid)
{
	const char *end = words + length;
	bool option = false;

	while (words < end && memchr(words, '\0', (size_t)(end - words)) != NULL) {
		if (option && is_number(words, domid))
			return true;
		option = strcmp(words, "-xen-domid") == 0;
		words += strlen(words) + 1;
	}
	return false;
}

/* Reads all that fits; a file of /proc may come in pieces. */
static size_t read_whole(const char *path, char *text, size_t size)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	while (fd >= 0 && length < size && (got = read(fd, text + length, size - length)) > 0)
		length += (size_t)got;
	return length;
}

static bool serves(const char *pid, uint32_t domid)
{
	char path[300], words[COMMAND_LINE_MAX] = "";

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	return emulated_serves(words, read_whole(path, words, sizeof(words)), domid);
}

static bool is_writable(const char *pid, const char *descriptor)
{
	char path[600], line[64];
	unsigned int flags = O_RDWR;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, descriptor);
	file = fopen(path, "re");
	if (file == NULL)
		return true;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "flags: %o", &flags) == 1)
			break;
	fclose(file);
	return (flags & O_ACCMODE) != O_RDONLY && !(flags & O_PATH);
}

/* Memory of its own (memfd, shared anonymous) is no disk. */
static bool is_past_us(const char *path, const struct stat *found,
		       const struct inventory *inventory)
{
	const struct device *device;

	if (S_ISREG(found->st_mode))
		return strncmp(path, "/memfd:", 7) != 0 && strncmp(path, "/dev/shm/", 9) != 0;
	/* Devices of storage, and of what may be storage. */
	if (S_ISCHR(found->st_mode))
		return strncmp(path, "/dev/sg", 7) == 0 || strncmp(path, "/dev/bsg/", 9) == 0 ||
		       strncmp(path, "/dev/bus/usb/", 13) == 0 ||
		       strncmp(path, "/dev/vhost", 10) == 0;
	if (!S_ISBLK(found->st_mode))
		return false;
	device = inventory_find_number(inventory, found->st_rdev);
	return device == NULL || !(device->encrypted || device->table == DEVICE_WIPED);
}

static bool check_descriptor(const char *pid, const char *descriptor,
			     const struct inventory *inventory, char *target, size_t size)
{
	char path[600];
	struct stat found;
	ssize_t length;

	snprintf(target, size, "%s", "not to be seen");
	snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, descriptor);
	length = readlink(path, target, size - 1);
	if (length < 0 || stat(path, &found) < 0)
		return errno == ENOENT; /* closed meanwhile */
	target[length] = '\0';
	return !is_past_us(target, &found, inventory) || !is_writable(pid, descriptor);
}

static void prove_process(struct proof *proof, const struct inventory *inventory, const char *pid)
{
	static const char claim[] = "its QEMU has no other disk open for writing";
	char source[280], target[512];
	struct dirent *entry;
	unsigned int bad = 0;
	DIR *dir;

	snprintf(source, sizeof(source), "/proc/%s/fd", pid);
	dir = opendir(source);
	if (dir == NULL) {
		proof_check(proof, errno == ENOENT, "qemu", claim, source, "%s", strerror(errno));
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) <= 2 ||
		    check_descriptor(pid, entry->d_name, inventory, target, sizeof(target)))
			continue;
		bad++;
		proof_check(proof, false, "qemu", claim, source, "descriptor %s is %s",
			    entry->d_name, target);
	}
	closedir(dir);
	if (bad == 0)
		proof_check(proof, true, "qemu", claim, source, "none");
}

static unsigned int count_descriptors(const char *pid, dev_t device)
{
	char path[600];
	struct dirent *entry;
	struct stat found;
	unsigned int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name);
		count += entry->d_name[0] != '.' && stat(path, &found) == 0 &&
			 S_ISBLK(found.st_mode) && found.st_rdev == device;
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

/* Calls visit with each process of dom0 that serves the domain. Returns how many there are, or -1. */
static int each_server(uint32_t domid, void (*visit)(const char *pid, void *context), void *context)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
		    !serves(entry->d_name, domid))
			continue;
		found++;
		visit(entry->d_name, context);
	}
	closedir(dir);
	return found;
}

struct openers {
	dev_t device;
	unsigned int count;
};

static void add_openers(const char *pid, void *context)
{
	struct openers *openers = context;

	openers->count += count_descriptors(pid, openers->device);
}

unsigned int emulated_openers(dev_t device, uint32_t domid)
{
	struct openers openers = { .device = device };

	(void)each_server(domid, add_openers, &openers);
	return openers.count;
}

struct look {
	struct proof *proof;
	const struct inventory *inventory;
};

static void prove_server(const char *pid, void *context)
{
	const struct look *look = context;

	prove_process(look->proof, look->inventory, pid);
}

void emulated_prove(struct proof *proof, const struct inventory *inventory, uint32_t domid,
		    bool expected)
{
	struct look look = { .proof = proof, .inventory = inventory };
	int found = each_server(domid, prove_server, &look);

	if (found <= 0)
		proof_check(proof, found == 0 && !expected, "qemu",
			    "no emulated disk goes past the encryption", "/proc/*/cmdline",
			    "no QEMU of dom0 serves the domain");
}
