/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"

/* timer_create(2) has it by this name, glibc before 2.41 by none. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static const char *volatile current_step = "starting";
static char last_words[160];
static unsigned int whole; /* seconds */

static void say(const char *text)
{
	/* Nothing can be done about a write that fails here. */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

/* Only what is safe in a signal handler (signal-safety(7)). */
static void end_process(int signal_number)
{
	(void)signal_number;
	say(last_words);
	say(current_step);
	say("\n");
	_exit(1);
}

static void interrupt_only(int signal_number)
{
	(void)signal_number;
}

static int handle(int signal_number, void (*handler)(int), struct error *err)
{
	/* No SA_RESTART: an interrupted call has to return. */
	struct sigaction action = { .sa_handler = handler };

	if (sigaction(signal_number, &action, NULL) < 0)
		return error_set(err, errno, NULL, NULL, "cannot set up a deadline");
	return 0;
}

int deadline_start(const char *who, unsigned int seconds, struct error *err)
{
	snprintf(last_words, sizeof(last_words), "%s: gave up, no answer in time while ", who);
	if (handle(SIGALRM, end_process, err) < 0)
		return -1;
	whole = seconds;
	alarm(whole);
	return 0;
}

void deadline_again(void)
{
	alarm(whole);
}

void deadline_step(const char *text)
{
	current_step = text;
}

int deadline_interrupt(unsigned int ms, struct error *err)
{
	/* Each thread has its own, for its own calls. */
	static _Thread_local timer_t timer;
	static _Thread_local bool made;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	/* Again every 100 ms: a signal that comes just before the call must not be the last. */
	struct itimerspec when = { .it_value = { .tv_sec = ms / 1000,
						 .tv_nsec = (long)(ms % 1000) * 1000000 },
				   .it_interval = { .tv_nsec = 100000000 } };

	/* Not kept for the next time: it would outlive its thread. */
	if (ms == 0) {
		if (made)
			timer_delete(timer);
		made = false;
		return 0;
	}
	if (!made) {
		event.sigev_notify_thread_id = gettid();
		if (handle(SIGUSR1, interrupt_only, err) < 0)
			return -1;
		if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
			return error_set(err, errno, NULL, NULL, "cannot set up a deadline");
		made = true;
	}
	if (timer_settime(timer, 0, &when, NULL) < 0)
		return error_set(err, errno, NULL, NULL, "cannot set up a deadline");
	return 0;
}

uint64_t deadline_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool deadline_pause(uint64_t end, unsigned int *step)
{
	/* 0.2 ms at first, since blkback usually answers at once; 409.6 ms at most: with many attaches
	 * at the same time, those that wait must not take the CPU from what they wait for. */
	unsigned int doublings = *step < 11 ? (*step)++ : 11;
	struct timespec little = { .tv_nsec = 200000L << doublings };

	if (deadline_now() >= end)
		return false;
	nanosleep(&little, NULL);
	return true;
}
