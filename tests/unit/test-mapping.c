/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of mappings; what is called in which order is the component tests' to check. */
#include "unit.h"

#include <errno.h>
#include <libdevmapper.h>

#include "key.h"
#include "mapping.h"

/* Stands for libdevmapper's, whose own cannot be made without a kernel that has device-mapper. */
static char fake_task;
static char name[256], uuid[256];
static unsigned int removals, quieted;
static int removal_errno, run_result;
static bool info_exists;

struct dm_task *__wrap_dm_task_create(int type);
void __wrap_dm_task_destroy(struct dm_task *task);
int __wrap_dm_task_get_errno(struct dm_task *task);
int __wrap_dm_task_get_info(struct dm_task *task, struct dm_info *info);
int __wrap_dm_task_run(struct dm_task *task);
int __wrap_dm_task_set_cookie(struct dm_task *task, uint32_t *cookie, uint16_t flags);
int __wrap_dm_task_set_name(struct dm_task *task, const char *text);
int __wrap_dm_task_set_uuid(struct dm_task *task, const char *text);
int __wrap_dm_task_deferred_remove(struct dm_task *task);
void __wrap_dm_log_with_errno_init(dm_log_with_errno_fn fn);
int __wrap_dm_set_name_mangling_mode(dm_string_mangling_t mode);

struct dm_task *__wrap_dm_task_create(int type)
{
	removals += type == DM_DEVICE_REMOVE;
	return (struct dm_task *)(void *)&fake_task;
}

void __wrap_dm_task_destroy(struct dm_task *task)
{
	assert_ptr_equal(task, &fake_task);
}

int __wrap_dm_task_get_errno(struct dm_task *task)
{
	(void)task;
	return removal_errno;
}

int __wrap_dm_task_get_info(struct dm_task *task, struct dm_info *info)
{
	(void)task;
	*info = (struct dm_info){ .exists = info_exists, .major = 254, .minor = 3 };
	return 1;
}

int __wrap_dm_task_run(struct dm_task *task)
{
	(void)task;
	return run_result;
}

int __wrap_dm_task_set_cookie(struct dm_task *task, uint32_t *cookie, uint16_t flags)
{
	(void)task;
	(void)cookie;
	quieted++;
	/* Each of these keeps one kind of udev's rules from reading what a guest wrote. */
	assert_true(flags & DM_UDEV_DISABLE_DISK_RULES_FLAG);
	assert_true(flags & DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG);
	assert_true(flags & DM_UDEV_DISABLE_OTHER_RULES_FLAG);
	return 1;
}

int __wrap_dm_task_set_name(struct dm_task *task, const char *text)
{
	(void)task;
	strncpy(name, text, sizeof(name) - 1);
	return 1;
}

int __wrap_dm_task_set_uuid(struct dm_task *task, const char *text)
{
	(void)task;
	strncpy(uuid, text, sizeof(uuid) - 1);
	return 1;
}

int __wrap_dm_task_deferred_remove(struct dm_task *task)
{
	(void)task;
	return 1;
}

void __wrap_dm_log_with_errno_init(dm_log_with_errno_fn fn)
{
	(void)fn;
}

int __wrap_dm_set_name_mangling_mode(dm_string_mangling_t mode)
{
	(void)mode;
	return 1;
}

static int prepare(void **state)
{
	(void)state;
	memset(name, 0, sizeof(name));
	memset(uuid, 0, sizeof(uuid));
	removals = 0;
	quieted = 0;
	removal_errno = 0;
	run_result = 1;
	info_exists = true;
	return 0;
}

static const struct mapping_owner longest = { .domid = UINT32_MAX, .devid = UINT32_MAX };

/* Longer ones are refused by libdevmapper, or cut by ourselves: then no two would differ. */
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

static void keeps_udev_away(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	assert_int_equal(mapping_create(longest, &mapping, &err), 0);
	assert_int_equal(quieted, 1);
	assert_int_equal(mapping_resume(&mapping, &err), 0);
	assert_int_equal(quieted, 2);
	assert_int_equal(mapping_forget(mapping.name, &err), 0);
	assert_int_equal(quieted, 3);
}

static void undoes_what_it_cannot_find(void **state)
{
	struct mapping mapping;
	struct error err;

	(void)state;
	info_exists = false;
	assert_int_equal(mapping_create(longest, &mapping, &err), -1);
	assert_error_says(&err, "cannot create the encrypted device");
	assert_int_equal(removals, 1);
}

static void forgetting_what_is_gone_is_no_error(void **state)
{
	struct error err;

	(void)state;
	run_result = 0;
	removal_errno = ENXIO;
	assert_int_equal(mapping_forget("xeneph-1-2-3@crypt", &err), 0);
	removal_errno = EBUSY;
	assert_int_equal(mapping_forget("xeneph-1-2-3@crypt", &err), -1);
	assert_int_equal(err.number, EBUSY);
}

static void names_tell_their_owner(void **state)
{
	struct mapping_identity identity;

	(void)state;
	assert_true(mapping_parse_name("xeneph-7-51744-0123456789abcdef@crypt", &identity));
	assert_false(identity.named);
	assert_int_equal(identity.domid, 7);
	assert_int_equal(identity.devid, 51744);
	assert_true(mapping_parse_name("xeneph-vol-a.B_9-@crypt", &identity));
	assert_true(identity.named);
	assert_string_equal(identity.volume, "a.B_9-");
}

static void parts_of_a_cow_disk(void **state)
{
	static const char snapshot[] = "xeneph-7-51744-0123456789abcdef-cow@crypt";
	static const char store[] = "xeneph-7-51744-0123456789abcdef-store@crypt";
	struct mapping_identity identity;
	char other[MAPPING_NAME_MAX];

	(void)state;
	assert_true(mapping_parse_name(snapshot, &identity));
	assert_int_equal(identity.part, MAPPING_SNAPSHOT);
	assert_int_equal(identity.devid, 51744);
	assert_true(mapping_name_other_part(snapshot, other));
	assert_string_equal(other, store);
	assert_true(mapping_parse_name(store, &identity));
	assert_int_equal(identity.part, MAPPING_STORE);
	assert_true(mapping_name_other_part(store, other));
	assert_string_equal(other, snapshot);
	assert_false(mapping_name_other_part("xeneph-7-51744-0123456789abcdef@crypt", other));
	assert_false(mapping_name_other_part("xeneph-vol-a-cow@crypt", other));
}

static void uuids_of_a_cow_disk(void **state)
{
	struct mapping_identity identity;

	(void)state;
	assert_true(mapping_parse_uuid("COW-xeneph-7-1-0123456789abcdef-cow", &identity));
	assert_int_equal(identity.part, MAPPING_SNAPSHOT);
	assert_true(mapping_parse_uuid("CRYPT-PLAIN-xeneph-7-1-0123456789abcdef-store", &identity));
	assert_int_equal(identity.part, MAPPING_STORE);
	assert_false(mapping_parse_uuid("COW-xeneph-7-1-0123456789abcdef", &identity));
	assert_false(mapping_parse_uuid("COW-xeneph-7-1-0123456789abcdef-store", &identity));
	assert_false(mapping_parse_uuid("COW-xeneph-vol-a", &identity));
	assert_false(mapping_parse_uuid("CRYPT-PLAIN-xeneph-7-1-0123456789abcdef-cow", &identity));
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

static const char *const no_names[] = {
	"xeneph-7-51744-0123456789abcdef-@crypt",
	"xeneph-7-51744-0123456789abcdef-cow",
	"xeneph-7-51744-0123456789abcdef-cow@cryp",
	"xeneph-7-51744-0123456789abcdef-cows@crypt",
	"xeneph-7-51744-0123456789abcdef-cow-store@crypt",
	"xeneph-7-51744-cow@crypt",
	"",
	"xeneph-",
	"xeneph-7-51744-0123456789abcdef",
	"xeneph-7-51744-0123456789abcdeg@crypt",
	"xeneph-7-51744-0123456789ABCDEF@crypt",
	"xeneph-7-51744-123@crypt",
	"xeneph-07-51744-0123456789abcdef@crypt",
	"xeneph--7-51744-0123456789abcdef@crypt",
	"xeneph- 7-51744-0123456789abcdef@crypt",
	"xeneph-4294967296-51744-0123456789abcdef@crypt",
	"xeneph-7-51744-0123456789abcdef@crypt1",
	"xeneph-vol-@crypt",
	"xeneph-vol-a b@crypt",
	"xeneph-vol-a@crypt@crypt",
	"xeneph-vol-a",
};

static void other_names_are_not_ours(void **state)
{
	struct mapping_identity identity;

	(void)state;
	for (size_t i = 0; i < LENGTH(no_names); i++)
		assert_that(!mapping_parse_name(no_names[i], &identity), "accepted: %s",
			    no_names[i]);
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
		cmocka_unit_test(names_tell_their_owner),
		cmocka_unit_test(parts_of_a_cow_disk),
		cmocka_unit_test(uuids_of_a_cow_disk),
		cmocka_unit_test_setup(snapshot_is_made_over_its_store, prepare),
		cmocka_unit_test(other_names_are_not_ours),
		cmocka_unit_test_setup(longest_volume_name_fits, prepare),
		cmocka_unit_test_setup(longest_name_is_whole, prepare),
		cmocka_unit_test_setup(uuid_says_whose_it_is, prepare),
		cmocka_unit_test_setup(names_differ, prepare),
		cmocka_unit_test_setup(name_fits_a_description, prepare),
		cmocka_unit_test_setup(tells_the_device, prepare),
		cmocka_unit_test_setup(keeps_udev_away, prepare),
		cmocka_unit_test_setup(undoes_what_it_cannot_find, prepare),
		cmocka_unit_test_setup(forgetting_what_is_gone_is_no_error, prepare),
	};

	return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
