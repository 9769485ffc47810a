/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"

/* How much later than asked for something may happen on a busy machine. */
#define SLACK_MS 3000

unsigned int __wrap_alarm(unsigned int seconds);
unsigned int __real_alarm(unsigned int seconds);

/* One second for the program's 30. */
unsigned int __wrap_alarm(unsigned int seconds)
{
	if (seconds != DEADLINE_HOTPLUG)
		_exit(99);
	return __real_alarm(1);
}

static void time_passes(void **state)
{
	uint64_t before = deadline_now(), passed;

	(void)state;
	usleep(20000);
	passed = deadline_now() - before;
	assert_in_range(passed, 19, SLACK_MS);
}

static void pause_ends_in_time(void **state)
{
	unsigned int step = 0, rounds = 0;
	uint64_t start = deadline_now();

	(void)state;
	while (deadline_pause(start + 100, &step))
		rounds++;
	assert_in_range(deadline_now() - start, 100, SLACK_MS);
	/* 0.2 + 0.4 + ... + 51.2 ms: far fewer looks than one a fifth of a millisecond. */
	assert_in_range(rounds, 2, 12);
}

static void pause_does_not_start_late(void **state)
{
	unsigned int step = 0;

	(void)state;
	assert_false(deadline_pause(deadline_now(), &step));
	assert_false(deadline_pause(0, &step));
}

/* Lengths grow to a bound: neither a shift past the type nor a sleep of minutes. */
static void pauses_stay_short(void **state)
{
	uint64_t start = deadline_now();
	unsigned int step = 1000;

	(void)state;
	assert_true(deadline_pause(start + 60000, &step));
	assert_in_range(deadline_now() - start, 24, SLACK_MS);
	step = 0;
	start = deadline_now();
	assert_true(deadline_pause(start + 60000, &step));
	assert_in_range(deadline_now() - start, 0, SLACK_MS);
	assert_int_equal(step, 1);
}

static void interrupts_what_blocks(void **state)
{
	uint64_t start = deadline_now();
	struct error err;

	(void)state;
	assert_int_equal(deadline_interrupt(50, &err), 0);
	assert_int_equal(poll(NULL, 0, 20000), -1);
	assert_int_equal(errno, EINTR);
	assert_in_range(deadline_now() - start, 49, SLACK_MS);
	/* The first signal may come before the call that it is meant for. */
	assert_int_equal(poll(NULL, 0, 20000), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(deadline_interrupt(0, &err), 0);
}

static void takes_the_interrupt_back(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(deadline_interrupt(50, &err), 0);
	assert_int_equal(deadline_interrupt(0, &err), 0);
	assert_int_equal(poll(NULL, 0, 300), 0);
}

/* Like libxenstore: whatever interrupts it, it goes on waiting. */
static void wait_for_ever(int stderr_to)
{
	struct error err;

	dup2(stderr_to, STDERR_FILENO);
	/* Without an end of the program's own the test would have none either. */
	__real_alarm(15);
	if (deadline_start("xen-ephemeral: add", DEADLINE_HOTPLUG, &err) < 0)
		_exit(98);
	deadline_step("opening the store");
	deadline_step("waiting for nothing");
	for (;;)
		poll(NULL, 0, 60000);
}

static void program_has_an_end(void **state)
{
	uint64_t start = deadline_now();
	char text[256] = "";
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		wait_for_ever(ends[1]);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_in_range(deadline_now() - start, 900, 1000 + SLACK_MS);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	assert_string_equal(
		text, "xen-ephemeral: add: gave up, no answer in time while waiting for nothing\n");
}

/* However much was left, or if none was: as many seconds as at the start. */
static void gives_the_time_once_more(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(deadline_start("test", DEADLINE_HOTPLUG, &err), 0);
	__real_alarm(100);
	deadline_again();
	assert_int_equal(__real_alarm(0), 1);
	deadline_again();
	assert_int_equal(__real_alarm(0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_passes),
		cmocka_unit_test(pause_ends_in_time),
		cmocka_unit_test(pause_does_not_start_late),
		cmocka_unit_test(pauses_stay_short),
		cmocka_unit_test(interrupts_what_blocks),
		cmocka_unit_test(takes_the_interrupt_back),
		cmocka_unit_test(program_has_an_end),
		cmocka_unit_test(gives_the_time_once_more),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
