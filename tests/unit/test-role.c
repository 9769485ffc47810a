/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "role.h"
#include "table.h"

static struct role role;
static struct error err;

static int parse(const char *text)
{
	return role_parse(text, strlen(text), &role, &err);
}

static void plain_path_is_read_only(void **state)
{
	static const char *const paths[] = {
		"/var/lib/images/root.img", "/dev/vg0/private", "/", "/a,b=c",
		"/volatile:dir=/a",	    "/\xc3\xa4 b"
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(paths); i++) {
		assert_that(parse(paths[i]) == 0, "refused: %s", paths[i]);
		assert_int_equal(role.kind, ROLE_READ_ONLY);
		assert_string_equal(role.origin, paths[i]);
		assert_null(role.dir);
		assert_null(role.dev);
	}
}

static const struct {
	const char *text;
	const char *dir, *dev;
	uint64_t size;
	unsigned int sector;
	bool discard;
} volatiles[] = {
	{ "volatile:dir=/srv/x,size=12G", "/srv/x", NULL, 12ull << 30, 512, false },
	{ "volatile:size=4096,dir=/", "/", NULL, 4096, 512, false },
	{ "volatile:dir=/a b,size=2M,discard", "/a b", NULL, 2 << 20, 512, true },
	{ "volatile:discard,sector=4096,size=2M,dir=/a", "/a", NULL, 2 << 20, 4096, true },
	{ "volatile:dir=/a,size=2M,sector=512", "/a", NULL, 2 << 20, 512, false },
	{ "volatile:dev=/dev/vg0/v", NULL, "/dev/vg0/v", 0, 512, false },
	{ "volatile:dev=/srv/file=1", NULL, "/srv/file=1", 0, 512, false },
	{ "volatile:dev=/dev/v,sector=4096", NULL, "/dev/v", 0, 4096, false },
	{ "volatile:discard,dev=/dev/v", NULL, "/dev/v", 0, 512, true },
	{ "volatile:dev=/dev/v,discard,sector=4096", NULL, "/dev/v", 0, 4096, true },
};

static void assert_same_text(const char *got, const char *wanted, const char *text)
{
	if (wanted == NULL)
		assert_that(got == NULL, "%s: %s is too much", text, got);
	else
		assert_that(got != NULL && strcmp(got, wanted) == 0, "%s: %s instead of %s", text,
			    got ? got : "none", wanted);
}

static void volatile_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(volatiles); i++) {
		assert_that(parse(volatiles[i].text) == 0, "refused: %s", volatiles[i].text);
		assert_int_equal(role.kind, ROLE_VOLATILE);
		assert_same_text(role.dir, volatiles[i].dir, volatiles[i].text);
		assert_same_text(role.dev, volatiles[i].dev, volatiles[i].text);
		assert_null(role.origin);
		assert_int_equal(role.size, volatiles[i].size);
		assert_int_equal(role.sector, volatiles[i].sector);
		assert_int_equal(role.discard, volatiles[i].discard);
	}
}

static void work_queues(void **state)
{
	(void)state;
	assert_int_equal(parse("volatile:dev=/a"), 0);
	assert_int_equal(role.queues, 0);
	assert_int_equal(parse("volatile:dev=/a,workqueue=read"), 0);
	assert_int_equal(role.queues, TABLE_QUEUE_READ);
	assert_int_equal(parse("volatile:workqueue=write,dev=/a"), 0);
	assert_int_equal(role.queues, TABLE_QUEUE_WRITE);
	assert_int_equal(parse("volatile:dev=/a,workqueue=both"), 0);
	assert_int_equal(role.queues, TABLE_QUEUE_READ | TABLE_QUEUE_WRITE);
	assert_int_equal(parse("volatile:dev=/a,workqueue=none"), 0);
	assert_int_equal(role.queues, 0);
	assert_int_equal(parse("cow:origin=/o,dev=/a,workqueue=both"), 0);
	assert_int_equal(role.queues, TABLE_QUEUE_READ | TABLE_QUEUE_WRITE);
	assert_int_equal(parse("cow:origin=/o,dev=/a"), 0);
	assert_int_equal(role.queues, 0);
}

static void cow_forms(void **state)
{
	(void)state;
	assert_int_equal(parse("cow:origin=/srv/root.img,dir=/srv/x,size=12G"), 0);
	assert_int_equal(role.kind, ROLE_COW);
	assert_string_equal(role.origin, "/srv/root.img");
	assert_string_equal(role.dir, "/srv/x");
	assert_null(role.dev);
	assert_int_equal(role.size, 12ull << 30);
	assert_int_equal(role.sector, 512);
	assert_int_equal(parse("cow:dev=/dev/v=1,sector=512,origin=/dev/vg0/a b"), 0);
	assert_int_equal(role.kind, ROLE_COW);
	assert_string_equal(role.origin, "/dev/vg0/a b");
	assert_string_equal(role.dev, "/dev/v=1");
	assert_null(role.dir);
	assert_int_equal(role.size, 0);
}

/* The struct is filled whole: nothing of the target before is left in it. */
static void starts_afresh(void **state)
{
	(void)state;
	assert_int_equal(parse("volatile:dir=/a,size=2M,discard,sector=4096"), 0);
	assert_int_equal(parse("volatile:dev=/b"), 0);
	assert_null(role.dir);
	assert_int_equal(role.size, 0);
	assert_int_equal(role.sector, 512);
	assert_false(role.discard);
	assert_int_equal(parse("/c"), 0);
	assert_null(role.dev);
}

static const struct {
	const char *text, *why;
} refused[] = {
	/* neither a path nor volatile: */
	{ "", "neither an absolute path" },
	{ "root.img", "neither an absolute path" },
	{ "./root.img", "neither an absolute path" },
	{ "../root.img", "neither an absolute path" },
	{ " /root.img", "neither an absolute path" },
	{ "file:/root.img", "neither an absolute path" },
	{ "Volatile:dev=/a", "neither an absolute path" },
	{ "volatile", "neither an absolute path" },
	{ "volatile;dev=/a", "neither an absolute path" },
	{ " volatile:dev=/a", "neither an absolute path" },
	{ "Cow:origin=/a,dev=/b", "neither an absolute path" },
	{ "cow", "neither an absolute path" },
	/* cow: */
	{ "cow:", "unknown option of a cow target" },
	{ "cow:dev=/b", "origin= must be there" },
	{ "cow:dir=/b,size=2M", "origin= must be there" },
	{ "cow:origin=/a", "cannot use this cow: target: dir= and size=, or dev=" },
	{ "cow:origin=/a,dir=/b", "dir= needs size=" },
	{ "cow:origin=/a,size=2M", "dir= and size=, or dev=" },
	{ "cow:origin=/a,dev=/b,size=2M", "dev= has its own size" },
	{ "cow:origin=/a,dev=/b,dir=/c", "either dir= or dev=" },
	{ "cow:origin=/a,origin=/a,dev=/b", "origin: given twice" },
	{ "cow:origin,dev=/b", "needs a value" },
	{ "cow:origin=,dev=/b", "not an absolute path" },
	{ "cow:origin=a,dev=/b", "not an absolute path" },
	{ "cow:origin=/a,dev=/b,x", "unknown option of a cow target x" },
	{ "cow:origin=/a,dev=/b,discard", "a snapshot takes no discards" },
	{ "cow:origin=/a,dev=/b,workqueue=all", "none, read, write or both" },
	{ "cow:origin=/a,dev=/b,sector=4096", "the sectors are those of its origin" },
	{ "cow:/a,dev=/b", "unknown option" },
	{ "volatile:origin=/a,dev=/b", "unknown option of a volatile target origin" },
	/* missing */
	{ "volatile:", "unknown option" },
	{ "volatile:discard", "dir= and size=, or dev=, must be there" },
	{ "volatile:sector=512", "dir= and size=, or dev=, must be there" },
	{ "volatile:size=12G", "dir= and size=, or dev=, must be there" },
	{ "volatile:dir=/a", "dir= needs size=" },
	{ "volatile:dir=/a,discard", "dir= needs size=" },
	/* too much */
	{ "volatile:dev=/a,size=12G", "dev= has its own size" },
	{ "volatile:dev=/a,dir=/b", "either dir= or dev=" },
	{ "volatile:dir=/b,size=12G,dev=/a", "either dir= or dev=" },
	/* repeated */
	{ "volatile:dev=/a,dev=/a", "dev: given twice" },
	{ "volatile:dir=/a,dir=/b,size=12G", "dir: given twice" },
	{ "volatile:dir=/a,size=12G,size=12G", "size: given twice" },
	{ "volatile:dev=/a,discard,discard", "discard: given twice" },
	{ "volatile:dev=/a,sector=512,sector=4096", "sector: given twice" },
	/* unknown */
	{ "volatile:dev=/a,x", "unknown option of a volatile target x" },
	{ "volatile:dev=/a,x=y", "unknown option of a volatile target x" },
	{ "volatile:dev=/a,Discard", "unknown option" },
	{ "volatile:dev=/a, discard", "unknown option" },
	{ "volatile:dev=/a,discard ", "unknown option" },
	{ "volatile:dev=/a,", "unknown option" },
	{ "volatile:,dev=/a", "unknown option" },
	{ "volatile:dev=/a,,discard", "unknown option" },
	{ "volatile:=/a", "unknown option" },
	{ "volatile:dev=/a,key=0011", "unknown option" },
	/* values */
	{ "volatile:dev", "needs a value" },
	{ "volatile:dir,size=12G", "needs a value" },
	{ "volatile:dir=/a,size", "needs a value" },
	{ "volatile:dev=/a,sector", "needs a value" },
	{ "volatile:dev=/a,discard=1", "takes no value" },
	{ "volatile:dev=/a,discard=", "takes no value" },
	{ "volatile:dev=", "not an absolute path" },
	{ "volatile:dev=a", "not an absolute path" },
	{ "volatile:dev=../a", "not an absolute path" },
	{ "volatile:dir=a,size=12G", "not an absolute path" },
	{ "volatile:dir=,size=12G", "not an absolute path" },
	{ "volatile:dev=/a,sector=", "512 or 4096" },
	{ "volatile:dev=/a,workqueue=", "none, read, write or both" },
	{ "volatile:dev=/a,workqueue=no", "none, read, write or both" },
	{ "volatile:dev=/a,workqueue", "needs a value" },
	{ "volatile:dev=/a,sector=0", "512 or 4096" },
	{ "volatile:dev=/a,sector=1024", "512 or 4096" },
	{ "volatile:dev=/a,sector=0512", "512 or 4096" },
	{ "volatile:dev=/a,sector=512 ", "512 or 4096" },
	{ "volatile:dev=/a,sector=4096K", "512 or 4096" },
	{ "volatile:dir=/a,size=", "cannot understand size" },
	{ "volatile:dir=/a,size=0", "cannot understand size 0" },
	{ "volatile:dir=/a,size=0G", "cannot understand size 0G" },
	{ "volatile:dir=/a,size=-12G", "cannot understand size -12G" },
	{ "volatile:dir=/a,size=12X", "cannot understand size 12X" },
	{ "volatile:dir=/a,size=12=", "cannot understand size 12=" },
	{ "volatile:dir=/a,size=8388608T", "too large" },
	{ "volatile:dir=/a,size=99999999999999999999", "too large" },
	{ "volatile:dir=/a,size=1000", "multiple of 4096" },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		assert_that(parse(refused[i].text) == -1, "accepted: %s", refused[i].text);
		assert_error_says(&err, refused[i].why);
		assert_public_hides(&err, "/a");
		assert_public_hides(&err, "root.img");
	}
}

static void refuses_control_characters(void **state)
{
	static const char *const texts[] = { "/a@b",
					     "@/a",
					     "/a@",
					     "volatile:dev=/a@",
					     "volatile:dev=/a@,discard",
					     "volatile:dir=/a,size=2M@" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		for (int c = 0; c < 0x20; c++) {
			strcpy(text, texts[i]);
			*strchr(text, '@') = (char)c;
			assert_that(role_parse(text, strlen(texts[i]), &role, &err) == -1,
				    "accepted: %s with byte %d", texts[i], c);
			assert_error_says(&err, "a control character");
		}
	}
	assert_int_equal(parse("/a\x7f"), -1);
}

/* xs_read gives 4,096 bytes at most; one more than fits a path is one too many. */
static void refuses_what_is_too_long(void **state)
{
	char text[ROLE_TEXT_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	assert_int_equal(role_parse(text, ROLE_TEXT_MAX - 1, &role, &err), 0);
	assert_int_equal(strlen(role.origin), ROLE_TEXT_MAX - 1);
	assert_int_equal(role_parse(text, ROLE_TEXT_MAX, &role, &err), -1);
	assert_error_says(&err, "longer than");
	assert_int_equal(role_parse(text, ROLE_TEXT_MAX + 1, &role, &err), -1);
	memcpy(text, "volatile:dev=/", strlen("volatile:dev=/"));
	assert_int_equal(role_parse(text, ROLE_TEXT_MAX - 1, &role, &err), 0);
	assert_int_equal(role_parse(text, ROLE_TEXT_MAX, &role, &err), -1);
}

/* Nothing behind the length counts, not even where no NUL stands there. */
static void keeps_to_the_length(void **state)
{
	(void)state;
	assert_int_equal(role_parse("/a\n", 2, &role, &err), 0);
	assert_string_equal(role.origin, "/a");
}

static int check(const char *target, const char *mode, unsigned int domid)
{
	assert_int_equal(parse(target), 0);
	return role_check(&role, mode, domid, &err);
}

static void mode_has_to_fit(void **state)
{
	(void)state;
	assert_int_equal(check("/a", "r", 1), 0);
	assert_int_equal(check("volatile:dev=/a", "w", 1), 0);
	assert_int_equal(check("/a", "w", 1), -1);
	assert_error_says(&err, "not ephemeral");
	assert_int_equal(check("volatile:dev=/a", "r", 1), -1);
	assert_error_says(&err, "needs access=rw");
	assert_int_equal(check("cow:origin=/a,dev=/b", "w", 1), 0);
	assert_int_equal(check("cow:origin=/a,dev=/b", "r", 1), -1);
	assert_error_says(&err, "a cow: target needs access=rw");
}

/* blkback finds a 'w' anywhere in the node. */
static void refuses_other_modes(void **state)
{
	static const char *const modes[] = {
		"", "rw", "wr", "ro", "w!", "r!", "R", "W", " r", "x"
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(modes); i++) {
		assert_that(check("/a", modes[i], 1) == -1, "read-only accepted: %s", modes[i]);
		assert_that(check("volatile:dev=/a", modes[i], 1) == -1, "volatile accepted: %s",
			    modes[i]);
		assert_error_says(&err, "a mode is r or w");
	}
}

static void domain_0_gets_nothing_writable(void **state)
{
	(void)state;
	assert_int_equal(check("/a", "r", 0), 0);
	assert_int_equal(check("volatile:dev=/a", "w", 0), -1);
	assert_error_says(&err, "domain 0");
	assert_int_equal(check("volatile:dir=/a,size=2M", "w", 0), -1);
	assert_int_equal(check("volatile:dir=/a,size=2M", "w", 4294967295), 0);
	assert_int_equal(check("cow:origin=/a,dev=/b", "w", 0), -1);
	assert_error_says(&err, "domain 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_path_is_read_only),
		cmocka_unit_test(volatile_forms),
		cmocka_unit_test(work_queues),
		cmocka_unit_test(cow_forms),
		cmocka_unit_test(starts_afresh),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_control_characters),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(keeps_to_the_length),
		cmocka_unit_test(mode_has_to_fit),
		cmocka_unit_test(refuses_other_modes),
		cmocka_unit_test(domain_0_gets_nothing_writable),
	};

	return cmocka_run_group_tests_name("role", tests, NULL, NULL);
}
