/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work in several threads: all of it, each once, and at the same time. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "parallel.h"

static int create_fails_with;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument)
{
	if (create_fails_with != 0)
		return create_fails_with;
	return __real_pthread_create(thread, attributes, start, argument);
}

#define COUNT 300

struct seen {
	atomic_uint times[COUNT];
	atomic_uint inside, most;
};

static void see(unsigned int index, void *context)
{
	static const struct timespec little = { .tv_nsec = 1000000 };
	struct seen *seen = context;
	unsigned int inside = atomic_fetch_add(&seen->inside, 1) + 1, most = seen->most;

	while (inside > most && !atomic_compare_exchange_weak(&seen->most, &most, inside))
		continue;
	atomic_fetch_add(&seen->times[index], 1);
	nanosleep(&little, NULL);
	atomic_fetch_sub(&seen->inside, 1);
}

static void check(unsigned int count, struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	parallel_each(count, see, seen);
	assert_int_equal(seen->inside, 0);
	for (unsigned int i = 0; i < COUNT; i++)
		assert_int_equal(seen->times[i], i < count);
}

static void each_once(void **state)
{
	static const unsigned int counts[] = { 0, 1, 2, 15, 16, 17, COUNT };
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < LENGTH(counts); i++)
		check(counts[i], &seen);
	assert_true(seen.most > 1 && seen.most <= 16);
	check(1, &seen);
	assert_int_equal(seen.most, 1);
}

static void alone_where_no_thread_starts(void **state)
{
	struct seen seen;

	(void)state;
	create_fails_with = EAGAIN;
	check(COUNT, &seen);
	assert_int_equal(seen.most, 1);
	create_fails_with = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once),
		cmocka_unit_test(alone_where_no_thread_starts),
	};

	return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
