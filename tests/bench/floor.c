/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an attach costs when nothing is done but the calls that nobody can do without: no check, no wait, no
 * arming, no look at what is there already. A static program, which a script of one line runs as it runs the
 * backend:
 *
 *	floor add            the disk that params asks for
 *	floor add --hold     the same, and holds the device until blkback has it, as one must whose device
 *	                     goes with its last user
 *
 * params is PATH (read-only: loop, xenstore) or volatile:dir=DIR,size=MIBM (file, loop, key, device-mapper's
 * create, load and resume, xenstore). It ends with status 1 and a line at the first call that fails. What it
 * attached is taken away by dmsetup and losetup.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/keyctl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#define KEY_BYTES 64
/* libdevmapper's flags that keep udev from reading the device; they travel above the event's 16 bits. */
#define QUIET_UDEV ((uint32_t)(0x0002 | 0x0004 | 0x0008 | 0x0020 | 0x0040) << 16)

static int socket_fd;
static const char *folder; /* of the disk in xenstore */

static void connect_xenstore(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/xenstored/socket" };

	socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(socket_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "xenstored");
}

/* One request and its answer, which stays in a buffer of its own until the next. */
static char *ask(uint32_t type, uint32_t transaction, const char *text, size_t length)
{
	static char answer[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg head = { .type = type, .tx_id = transaction, .len = (uint32_t)length };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)(uintptr_t)text, length } };

	if (writev(socket_fd, parts, 2) != (ssize_t)(sizeof(head) + length) ||
	    recv(socket_fd, &head, sizeof(head), MSG_WAITALL) != sizeof(head) ||
	    head.len > XENSTORE_PAYLOAD_MAX ||
	    recv(socket_fd, answer, head.len, MSG_WAITALL) != (ssize_t)head.len)
		err(1, "xenstore");
	answer[head.len] = '\0';
	if (head.type == XS_ERROR)
		errx(1, "xenstore: %s: %s", text, answer);
	return answer;
}

static void put(uint32_t transaction, const char *node, const char *value)
{
	char text[256];
	int path = snprintf(text, sizeof(text), "%s/%s", folder, node) + 1;
	int rest = snprintf(text + path, sizeof(text) - (size_t)path, "%s", value);

	ask(XS_WRITE, transaction, text, (size_t)(path + rest));
}

static void publish(dev_t device)
{
	char number[32];
	uint32_t transaction = (uint32_t)strtoul(ask(XS_TRANSACTION_START, 0, "", 1), NULL, 10);

	snprintf(number, sizeof(number), "%x:%x", major(device), minor(device));
	put(transaction, "physical-device", number);
	put(transaction, "hotplug-status", "connected");
	ask(XS_TRANSACTION_END, transaction, "T", 2);
}

/* Returns the number of its own loop device over file. */
static int loop_over(int file, uint32_t flags)
{
	struct loop_config config = { .fd = (uint32_t)file,
				      .block_size = 512,
				      .info.lo_flags = LO_FLAGS_AUTOCLEAR | flags };
	int number = ioctl(open("/dev/loop-control", O_RDWR), LOOP_CTL_GET_FREE);
	char node[32];
	int fd;

	snprintf(node, sizeof(node), "/dev/loop%d", number);
	fd = open(node, flags & LO_FLAGS_READ_ONLY ? O_RDONLY : O_RDWR);
	if (number < 0 || ioctl(fd, LOOP_CONFIGURE, &config) < 0)
		err(1, "loop");
	return number;
}

static struct dm_ioctl *mapper(int control, unsigned long call, uint32_t room, const char *name)
{
	static struct {
		struct dm_ioctl head;
		struct dm_target_spec target;
		char parameters[256];
	} request;

	if (call != DM_TABLE_LOAD)
		memset(&request, 0, sizeof(request));
	request.head.version[0] = DM_VERSION_MAJOR;
	request.head.data_start = sizeof(request.head);
	request.head.data_size = sizeof(request.head) + room;
	request.head.event_nr = QUIET_UDEV;
	snprintf(request.head.name, sizeof(request.head.name), "%s", name);
	if (room > 0 && ioctl(control, call, &request) < 0)
		err(1, "device-mapper");
	return &request.head;
}

static void load(int control, const char *name, const char *key, int loop, uint64_t bytes)
{
	struct dm_ioctl *head = mapper(control, 0, 0, name);
	struct dm_target_spec *target = (struct dm_target_spec *)(head + 1);

	head->target_count = 1;
	target->length = bytes / 512;
	strcpy(target->target_type, "crypt");
	snprintf((char *)(target + 1), 256, "aes-xts-plain64 :%d:logon:%s 0 7:%d 0", KEY_BYTES, key,
		 loop);
	mapper(control, DM_TABLE_LOAD, sizeof(*target) + 256, name);
}

static dev_t map(int loop, uint64_t bytes)
{
	unsigned char key[KEY_BYTES];
	char name[64], key_name[80];
	int control = open("/dev/mapper/control", O_RDWR);
	unsigned int domid = 0, devid = 0;
	dev_t device;
	long serial;

	sscanf(folder, "backend/vbd/%u/%u", &domid, &devid);
	snprintf(name, sizeof(name), "floor-%u-%u", domid, devid);
	snprintf(key_name, sizeof(key_name), "floor:%s", name);
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		err(1, "random bytes");
	serial = syscall(SYS_add_key, "logon", key_name, key, sizeof(key), KEY_SPEC_THREAD_KEYRING);
	device = (dev_t)mapper(control, DM_DEV_CREATE, 8, name)->dev;
	load(control, name, key_name, loop, bytes);
	mapper(control, DM_DEV_SUSPEND, 8, name);
	if (serial < 0 || syscall(SYS_keyctl, KEYCTL_INVALIDATE, serial) < 0)
		err(1, "key");
	return device;
}

static dev_t encrypted(const char *directory, uint64_t bytes)
{
	int file = open(directory, O_TMPFILE | O_EXCL | O_RDWR, 0600);

	if (file < 0 || ftruncate(file, (off_t)bytes) < 0)
		err(1, "%s", directory);
	return map(loop_over(file, 0), bytes);
}

static dev_t read_only(const char *path)
{
	int file = open(path, O_RDONLY);

	if (file < 0)
		err(1, "%s", path);
	return makedev(7, (unsigned int)loop_over(file, LO_FLAGS_READ_ONLY));
}

static void hold(void)
{
	static const struct timespec little = { .tv_nsec = 1000000 };
	unsigned int domid, devid;
	char path[96];

	if (sscanf(folder, "backend/vbd/%u/%u", &domid, &devid) != 2)
		errx(1, "%s is no disk", folder);
	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/vbd-%u-%u/physical_device",
		 domid, devid);
	while (access(path, F_OK) < 0)
		nanosleep(&little, NULL);
}

int main(int argc, char **argv)
{
	char node[128], directory[128];
	const char *params;
	unsigned int mib;
	dev_t device;

	folder = getenv("XENBUS_PATH");
	if (folder == NULL || argc < 2 || strcmp(argv[1], "add") != 0)
		errx(2, "usage: XENBUS_PATH=backend/vbd/DOMID/DEVID floor add [--hold]");
	connect_xenstore();
	snprintf(node, sizeof(node), "%s/params", folder);
	params = ask(XS_READ, 0, node, strlen(node) + 1);
	if (sscanf(params, "volatile:dir=%127[^,],size=%uM", directory, &mib) == 2)
		device = encrypted(directory, (uint64_t)mib << 20);
	else
		device = read_only(params);
	publish(device);
	if (argc > 2)
		hold();
	return 0;
}
