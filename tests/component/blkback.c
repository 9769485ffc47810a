/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands for Xen's block backend in the kernel (drivers/block/xen-blkback/xenbus.c): opens the device
 * that physical-device names, shows it below /sys/bus/xen-backend/devices (a tmpfs here), and closes
 * it when the disk goes. Also reads /dev/log, as syslogd would.
 *
 *	blkback FOLDER
 *	blkback --remove-loops NUMBER
 *
 * FOLDER/behaviour, looked at for each disk, says what it does instead of opening the device:
 * "never" nothing, "closing" gives up (state 5), "other-device" and "other-mode" show a wrong one,
 * "gone" removes the disk as a toolstack would. FOLDER/syslog gets what is logged; FOLDER/blkback is
 * made once it is ready. The second form is for the end: it takes away the loop devices that dm-shim
 * had for its mappings, 64 from NUMBER on.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore.h>

#define DEVICES	  "/sys/bus/xen-backend/devices"
#define DISKS_MAX 64

/* More loop devices than all tests have at one time. */
#define LOOPS 32

struct disk {
	unsigned int domid, devid;
	int fd; /* of the device; 0 for an unused entry */
};

static struct disk disks[DISKS_MAX];
static struct xs_handle *xs;
static const char *folder;

static struct disk *find(unsigned int domid, unsigned int devid)
{
	struct disk *free_one = NULL;

	for (struct disk *disk = disks; disk < disks + DISKS_MAX; disk++) {
		if (disk->fd == 0)
			free_one = disk;
		else if (disk->domid == domid && disk->devid == devid)
			return disk;
	}
	if (free_one == NULL)
		exit(2);
	*free_one = (struct disk){ .domid = domid, .devid = devid };
	return free_one;
}

static char *node(const struct disk *disk, const char *name)
{
	char path[128];
	unsigned int length;

	snprintf(path, sizeof(path), "backend/vbd/%u/%u/%s", disk->domid, disk->devid, name);
	return xs_read(xs, XBT_NULL, path, &length);
}

static void behaviour(char word[32])
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/behaviour", folder);
	file = fopen(path, "re");
	strcpy(word, "open");
	if (file == NULL)
		return;
	if (fscanf(file, "%31s", word) != 1)
		strcpy(word, "open");
	fclose(file);
}

static void put(const char *dir, const char *name, const char *value)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	if (file == NULL)
		exit(2);
	fprintf(file, "%s\n", value);
	fclose(file);
}

/* All at once, by a rename. */
static void show(const struct disk *disk, const char *device, const char *mode)
{
	char dir[128];

	mkdir(DEVICES "/new", 0755);
	put(DEVICES "/new", "mode", mode);
	put(DEVICES "/new", "physical_device", device);
	snprintf(dir, sizeof(dir), DEVICES "/vbd-%u-%u", disk->domid, disk->devid);
	rename(DEVICES "/new", dir);
}

static void hide(const struct disk *disk)
{
	static const char *const names[] = { "/mode", "/physical_device", "" };
	char path[160];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), DEVICES "/vbd-%u-%u%s", disk->domid, disk->devid,
			 names[i]);
		remove(path);
	}
}

static int open_device(const char *text, const char *mode)
{
	unsigned int major_number, minor_number;
	char path[64];
	int fd;

	if (sscanf(text, "%x:%x", &major_number, &minor_number) != 2)
		return -1;
	snprintf(path, sizeof(path), "/dev/blkback-%d", getpid());
	if (mknod(path, S_IFBLK | 0600, makedev(major_number, minor_number)) < 0)
		return -1;
	fd = open(path, (mode[0] == 'w' ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	unlink(path);
	return fd;
}

static void give_up(const struct disk *disk, const char *state)
{
	char path[128];

	snprintf(path, sizeof(path), "backend/vbd/%u/%u%s", disk->domid, disk->devid,
		 state ? "/state" : "");
	if (state)
		xs_write(xs, XBT_NULL, path, state, 1);
	else
		xs_rm(xs, XBT_NULL, path);
}

static void connect_disk(struct disk *disk, const char *device, const char *mode)
{
	char what[32];
	int fd;

	behaviour(what);
	if (strcmp(what, "never") == 0)
		return;
	if (strcmp(what, "closing") == 0 || strcmp(what, "gone") == 0) {
		give_up(disk, what[0] == 'c' ? "5" : NULL);
		return;
	}
	fd = open_device(device, mode);
	if (fd < 0) {
		give_up(disk, "5");
		return;
	}
	disk->fd = fd;
	show(disk, strcmp(what, "other-device") == 0 ? "7:3e7" : device,
	     strcmp(what, "other-mode") != 0 ? mode
	     : mode[0] == 'w'		     ? "r"
					     : "w");
}

static void update(unsigned int domid, unsigned int devid)
{
	struct disk *disk = find(domid, devid);
	char *state = node(disk, "state");
	char *device = node(disk, "physical-device");
	char *mode = node(disk, "mode");
	int closed = state == NULL || strcmp(state, "5") == 0 || strcmp(state, "6") == 0;

	if (closed && disk->fd != 0) {
		close(disk->fd);
		disk->fd = 0;
		hide(disk);
	} else if (!closed && disk->fd == 0 && device != NULL && mode != NULL) {
		connect_disk(disk, device, mode);
	}
	free(state);
	free(device);
	free(mode);
}

static void handle_watch(void)
{
	unsigned int count, domid, devid;
	char **event = xs_read_watch(xs, &count);

	if (event == NULL)
		exit(0); /* xenstored is gone, and so is this test */
	if (sscanf(event[XS_WATCH_PATH], "backend/vbd/%u/%u", &domid, &devid) == 2)
		update(domid, devid);
	else
		for (struct disk *disk = disks; disk < disks + DISKS_MAX; disk++)
			if (disk->fd != 0)
				update(disk->domid, disk->devid);
	free(event);
}

static int open_syslog(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	unlink(address.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		exit(2);
	return fd;
}

static void handle_syslog(int log, FILE *to)
{
	char line[4096];
	ssize_t got = read(log, line, sizeof(line) - 1);

	if (got <= 0)
		return;
	line[got] = '\0';
	fprintf(to, "%s\n", line);
	fflush(to);
}

/* What is there already, or is in use, stays as it is. */
static void ask_loop_control(unsigned long request, int first, int count)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0)
		exit(2);
	for (int i = first; i < first + count; i++)
		ioctl(control, request, i);
	close(control);
}

/*
 * A free loop device for everybody: with none, the kernel would hand out one of those that dm-shim
 * has set aside for itself.
 */
static void provide_loops(void)
{
	ask_loop_control(LOOP_CTL_ADD, 0, LOOPS);
}

int main(int argc, char **argv)
{
	struct pollfd fds[2];
	char path[512];
	FILE *syslog_to;

	if (argc == 3 && strcmp(argv[1], "--remove-loops") == 0) {
		ask_loop_control(LOOP_CTL_REMOVE, atoi(argv[2]), 64);
		return 0;
	}
	if (argc != 2)
		return 2;
	folder = argv[1];
	provide_loops();
	xs = xs_open(0);
	snprintf(path, sizeof(path), "%s/syslog", folder);
	syslog_to = fopen(path, "we");
	if (xs == NULL || syslog_to == NULL || !xs_watch(xs, "backend/vbd", "disks"))
		return 2;
	fds[0] = (struct pollfd){ .fd = xs_fileno(xs), .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = open_syslog(), .events = POLLIN };
	put(folder, "blkback", "ready");
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 2;
		if (fds[0].revents)
			handle_watch();
		if (fds[1].revents & POLLIN)
			handle_syslog(fds[1].fd, syslog_to);
	}
}
