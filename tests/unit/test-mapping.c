/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel is asked of a mapping, and what is made of its answers; in which order is the component tests' to check. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "key.h"
#include "mapping.h"

/* Of the last call for a device: what the kernel was asked. */
static struct dm_ioctl asked;
static char name[256], uuid[256];
static unsigned int quieted;
static int fails_with, open_fails_with;
/* What the kernel answers with, after the head, and how often it says that the room is too small. */
static char answer[65536] __attribute__((aligned(8)));
static unsigned int answer_bytes, answer_targets, too_small;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

/* The kernel's node is not there where nothing has device-mapper. */
int __wrap_open(const char *path, int flags, ...)
{
	assert_string_equal(path, "/dev/mapper/control");
	errno = open_fails_with;
	return open_fails_with ? -1 : __real_open("/dev/null", flags);
}

/* Each of these keeps one kind of udev's rules from reading what a guest wrote (libdevmapper.h). */
static void look_at_flags(uint32_t event)
{
	if (event == 0)
		return;
	quieted++;
	assert_true(event >> 16 & 0x0002);   /* DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG */
	assert_true(event >> 16 & 0x0004);   /* DM_UDEV_DISABLE_DISK_RULES_FLAG */
	assert_true(event >> 16 & 0x0008);   /* DM_UDEV_DISABLE_OTHER_RULES_FLAG */
	assert_int_equal(event & 0xffff, 0); /* a cookie, which somebody would have to wait for */
}

static void fill_answer(struct dm_ioctl *head)
{
	unsigned int room = head->data_size - head->data_start;

	head->flags |= DM_ACTIVE_PRESENT_FLAG;
	head->target_count = answer_targets;
	if (answer_bytes > room) {
		too_small++;
		head->flags |= DM_BUFFER_FULL_FLAG;
		return;
	}
	memcpy((char *)head + head->data_start, answer, answer_bytes);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct dm_ioctl *head;
	va_list arguments;

	assert_true(fd >= 0);
	va_start(arguments, request);
	head = va_arg(arguments, struct dm_ioctl *);
	va_end(arguments);
	assert_int_equal(_IOC_TYPE(request), DM_IOCTL);
	assert_int_equal(head->version[0], DM_VERSION_MAJOR);
	assert_true(head->data_size >= sizeof(*head) && head->data_start == sizeof(*head));
	memcpy(&asked, head, sizeof(asked));
	strcpy(name, head->name);
	if (request == DM_DEV_CREATE)
		strcpy(uuid, head->uuid);
	else if (request == DM_DEV_STATUS)
		sprintf(head->uuid, "CRYPT-PLAIN-%.*s", (int)strcspn(name, "@"), name);
	look_at_flags(head->event_nr);
	head->dev = 254 << 8 | 3;
	if (request == DM_TABLE_STATUS || request == DM_LIST_DEVICES)
		fill_answer(head);
	errno = fails_with;
	return fails_with ? -1 : 0;
}

/* One target with its parameters, as the kernel answers. */
static void put_target(const char *type, const char *params)
{
	struct dm_target_spec spec = { .length = 2048 };

	strcpy(spec.target_type, type);
	memcpy(answer, &spec, sizeof(spec));
	strcpy(answer + sizeof(spec), params);
	answer_bytes = (unsigned int)(sizeof(spec) + strlen(params) + 1);
	answer_targets = 1;
}

/* Devices, as it lists them; each has the UUID that goes with its name. */
static void put_names(unsigned int count)
{
	memset(answer, 0, sizeof(answer));
	for (unsigned int i = 0; i < count; i++) {
		struct dm_name_list *entry = (void *)(answer + (size_t)i * 64);

		entry->dev = 254 << 8 | i;
		sprintf(entry->name, "xeneph-7-51744-%016x@crypt", i);
		entry->next = i + 1 < count ? 64 : 0;
	}
	answer_bytes = count * 64;
}

static int prepare(void **state)
{
	(void)state;
	memset(name, 0, sizeof(name));
	memset(uuid, 0, sizeof(uuid));
	quieted = 0;
	fails_with = 0;
	answer_bytes = 0;
	answer_targets = 0;
	too_small = 0;
	return 0;
}

static const struct mapping_owner longest = { .domid = UINT32_MAX, .devid = UINT32_MAX };

/* Longer ones would be cut: then no two would differ. */
static void longest_name_is_whole(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(longest, &mapping, &err), 0);
	assert_string_equal(mapping.name, name);
	assert_int_equal(strlen(name),
			 strlen("xeneph-4294967295-4294967295-0123456789abcdef@crypt"));
	assert_memory_equal(name, "xeneph-4294967295-4294967295-", 29);
	assert_string_equal(name + 29 + 16, "@crypt");
	assert_int_equal(strspn(name + 29, "0123456789abcdef"), 16);
	assert_true(strlen(name) < MAPPING_NAME_MAX);
}

/* lsblk and cryptsetup know a plain mapping by the UUID's beginning; remove knows ours by the rest. */
static void uuid_says_whose_it_is(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(longest, &mapping, &err), 0);
	assert_memory_equal(uuid, "CRYPT-PLAIN-", 12);
	/* DM_UUID_LEN, linux/dm-ioctl.h, is 129. */
	assert_true(strlen(uuid) < 129);
	assert_memory_equal(uuid + 12, name, strlen(name) - strlen("@crypt"));
	assert_int_equal(strlen(uuid + 12), strlen(name) - strlen("@crypt"));
}

static void names_differ(void **state)
{
	const struct mapping_owner owner = { .domid = 7, .devid = 51712 };
	struct mapping one, two;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(owner, &one, &err), 0);
	assert_int_equal(mapping_create(owner, &two, &err), 0);
	assert_memory_equal(one.name, "xeneph-7-51712-", 15);
	assert_string_not_equal(one.name, two.name);
}

/* A key's description is made of the mapping's name and, if cut, could be another key's. */
static void name_fits_a_description(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(longest, &mapping, &err), 0);
	assert_true(strlen("xeneph:") + strlen(mapping.name) <
		    sizeof(((struct key *)NULL)->description));
}

static void tells_the_device(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(longest, &mapping, &err), 0);
	assert_int_equal(mapping.device, 254 << 8 | 3);
	assert_int_equal(mapping.fd, -1);
}

/* No uevent comes of a device without a table. */
static void keeps_udev_away(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(longest, &mapping, &err), 0);
	assert_int_equal(mapping_resume(&mapping, &err), 0);
	assert_int_equal(quieted, 1);
	assert_int_equal(mapping_arm(&mapping, &err), 0);
	assert_int_equal(quieted, 2);
	assert_int_equal(mapping_forget(mapping.name, &err), 0);
	assert_int_equal(quieted, 3);
	put_target("error", "");
	assert_int_equal(mapping_wipe(mapping.name, 1000, &err), 0);
	assert_int_equal(quieted, 4);
}

static void forgetting_what_is_gone_is_no_error(void **state)
{
	struct error err;

	(void)state;
	fails_with = ENXIO;
	assert_int_equal(mapping_forget("xeneph-1-2-3@crypt", &err), 0);
	assert_true(asked.flags & DM_DEFERRED_REMOVE);
	fails_with = EBUSY;
	assert_int_equal(mapping_forget("xeneph-1-2-3@crypt", &err), -1);
	assert_int_equal(err.number, EBUSY);
}

static void what_is_not_known_is_not_gone(void **state)
{
	struct mapping_state found;
	struct error err;

	(void)state;
	fails_with = ENXIO;
	err.action[0] = '\0';
	assert_int_equal(mapping_look("xeneph-1-2-3@crypt", &found, &err), 0);
	assert_false(found.exists);
	assert_string_equal(err.action, "");
	fails_with = EIO;
	assert_int_equal(mapping_look("xeneph-1-2-3@crypt", &found, &err), -1);
}

static void reads_a_table(void **state)
{
	struct mapping_table table;
	struct error err;

	(void)state;
	put_target("crypt", "some parameters");
	assert_int_equal(mapping_read("a", &table, &err), 0);
	assert_true(asked.flags & DM_STATUS_TABLE_FLAG);
	/* The key of somebody else may stand there. */
	assert_true(asked.flags & DM_SECURE_DATA_FLAG);
	assert_true(table.live && !table.loaded);
	assert_string_equal(table.type, "crypt");
	assert_string_equal(table.params, "some parameters");
	assert_int_equal(table.sectors, 2048);
}

/* What cannot be read whole is none of ours: it must not pass for what it begins with. */
static void table_of_more_has_no_type(void **state)
{
	char longer[TABLE_PARAMS_MAX + 1];
	struct mapping_table table;
	struct error err;

	(void)state;
	put_target("crypt", "some parameters");
	answer_targets = 2;
	assert_int_equal(mapping_read("a", &table, &err), 0);
	assert_string_equal(table.type, "");
	memset(longer, 'p', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	put_target("crypt", longer);
	assert_int_equal(mapping_read("a", &table, &err), 0);
	assert_string_equal(table.type, "");
	assert_int_equal(too_small, 1);
}

static int count_one(const char *found, void *context, struct error *err)
{
	(void)err;
	assert_memory_equal(found, "xeneph-7-51744-", 15);
	++*(unsigned int *)context;
	return 0;
}

static unsigned int listed(uint32_t domid)
{
	const struct mapping_owner owner = { .domid = domid, .devid = 51744 };
	unsigned int count = 0;
	struct error err;

	assert_int_equal(mapping_each(owner, count_one, &count, &err), 0);
	return count;
}

static void lists_any_number(void **state)
{
	(void)state;
	put_names(0);
	assert_int_equal(listed(7), 0);
	put_names(1);
	assert_int_equal(listed(7), 1);
	/* A kernel before 5.13 lists all of them, whoever was asked for. */
	assert_int_equal(listed(8), 0);
	assert_int_equal(too_small, 0);
	put_names(1000);
	assert_int_equal(listed(7), 1000);
	assert_int_equal(too_small, 2);
}

static void says_that_the_module_is_missing(void **state)
{
	struct mapping_state found;
	struct error err;

	(void)state;
	open_fails_with = ENOENT;
	assert_int_equal(mapping_look("a", &found, &err), -1);
	assert_error_says(&err, "cannot call the kernel's device-mapper /dev/mapper/control: "
				"No such file or directory (is the device-mapper module there?)");
	open_fails_with = 0;
	assert_int_equal(mapping_look("a", &found, &err), 0);
}

static void snapshot_is_made_over_its_store(void **state)
{
	struct mapping store, snapshot;
	struct mapping_owner owner = { .domid = 7, .devid = 1, .part = MAPPING_STORE };
	struct error err;
	char other[MAPPING_NAME_MAX];

	(void)state;
	assert_int_equal(mapping_create(owner, &store, &err), 0);
	assert_memory_equal(uuid, "CRYPT-PLAIN-xeneph-7-1-", 23);
	assert_int_equal(mapping_create_over(&store, &snapshot, &err), 0);
	assert_true(mapping_name_other_part(store.name, other));
	assert_string_equal(snapshot.name, other);
	assert_string_equal(name, other);
	assert_memory_equal(uuid, "COW-xeneph-7-1-", 15);
}

static void longest_volume_name_fits(void **state)
{
	char volume[MAPPING_VOLUME_MAX + 1], made[MAPPING_NAME_MAX];
	struct mapping_identity identity;
	struct mapping mapping;
	struct error err;

	(void)state;
	memset(volume, 'v', sizeof(volume));
	volume[MAPPING_VOLUME_MAX] = '\0';
	assert_false(mapping_is_volume_name(volume));
	volume[MAPPING_VOLUME_MAX - 1] = '\0';
	assert_true(mapping_is_volume_name(volume));
	mapping_name_volume(volume, made);
	assert_true(mapping_parse_name(made, &identity));
	assert_string_equal(identity.volume, volume);
	assert_int_equal(mapping_create((struct mapping_owner){ .volume = volume }, &mapping, &err),
			 0);
	assert_string_equal(name, made);
	assert_memory_equal(uuid, "CRYPT-PLAIN-xeneph-vol-vvv", 26);
	assert_int_equal(strlen(uuid), strlen("CRYPT-PLAIN-xeneph-vol-") + MAPPING_VOLUME_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First, since the node is opened once. */
		cmocka_unit_test_setup(says_that_the_module_is_missing, prepare),
		cmocka_unit_test_setup(snapshot_is_made_over_its_store, prepare),
		cmocka_unit_test_setup(longest_volume_name_fits, prepare),
		cmocka_unit_test_setup(longest_name_is_whole, prepare),
		cmocka_unit_test_setup(uuid_says_whose_it_is, prepare),
		cmocka_unit_test_setup(names_differ, prepare),
		cmocka_unit_test_setup(name_fits_a_description, prepare),
		cmocka_unit_test_setup(tells_the_device, prepare),
		cmocka_unit_test_setup(keeps_udev_away, prepare),
		cmocka_unit_test_setup(what_is_not_known_is_not_gone, prepare),
		cmocka_unit_test_setup(reads_a_table, prepare),
		cmocka_unit_test_setup(table_of_more_has_no_type, prepare),
		cmocka_unit_test_setup(lists_any_number, prepare),
		cmocka_unit_test_setup(forgetting_what_is_gone_is_no_error, prepare),
	};

	return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
