/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD for the backend: time passes more slowly. An emulated host is some 20 times slower than
 * a real one and has one CPU, so 64 attaches at once have the load of 64 on a real host, but not
 * their time: with this, the backend's deadlines and pauses are in proportion.
 */
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define TIMES 10

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);
	long long ns = now->tv_sec * 1000000000LL + now->tv_nsec;

	if (result == 0 && clock == CLOCK_MONOTONIC)
		*now = (struct timespec){ ns / TIMES / 1000000000, ns / TIMES % 1000000000 };
	return result;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	long long ns = (wanted->tv_sec * 1000000000LL + wanted->tv_nsec) * TIMES;
	const struct timespec longer = { ns / 1000000000, ns % 1000000000 };

	return (int)syscall(SYS_nanosleep, &longer, left);
}

unsigned int alarm(unsigned int seconds)
{
	const struct itimerval once = { .it_value.tv_sec = (time_t)seconds * TIMES };

	setitimer(ITIMER_REAL, &once, NULL);
	return 0;
}
