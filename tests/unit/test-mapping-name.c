/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a mapping is, by its name and by its UUID. */
#include "unit.h"

#include "mapping.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell_their_owner),
		cmocka_unit_test(parts_of_a_cow_disk),
		cmocka_unit_test(uuids_of_a_cow_disk),
		cmocka_unit_test(other_names_are_not_ours),
	};

	return cmocka_run_group_tests_name("mapping-name", tests, NULL, NULL);
}
