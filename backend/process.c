/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"

/* By which people end a process. The others keep what they have: deadline.c handles those that it sends,
 * abort(3) resets its own, and nothing here sends the rest. */
static const int reset_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

/* What would end the process where an error is to be reported: SIGPIPE, a xenstored that went away;
 * SIGXFSZ, a store over an inherited limit on the size of files (ftruncate(2) then says EFBIG); SIGIO,
 * what the kernel sends the holder of a lease. */
static const int ignored_signals[] = { SIGPIPE, SIGXFSZ, SIGIO };

static int reset_all_signals(struct error *err)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (size_t i = 0; i < sizeof(reset_signals) / sizeof(reset_signals[0]); i++)
		if (sigaction(reset_signals[i], &action, NULL) < 0)
			goto failed;
	action.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored_signals) / sizeof(ignored_signals[0]); i++)
		if (sigaction(ignored_signals[i], &action, NULL) < 0)
			goto failed;
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0)
		return 0;
failed:
	return error_set(err, errno, NULL, NULL, "cannot reset signals");
}

/* A file opened as descriptor 2 would get what is meant for stderr. What is open beyond is closed next. */
static int open_standard_descriptors(struct error *err)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd < 0)
		return error_set(err, errno, NULL, NULL, "cannot open /dev/null");
	return 0;
}

static int forbid_core_dumps(struct error *err)
{
	const struct rlimit none = { 0, 0 };

	/* Not dumpable counts for a pipe in core_pattern too, where the limit does not (core(5)). */
	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, NULL, NULL, "cannot forbid core dumps");
	return 0;
}

int process_prepare(struct error *err)
{
	if (reset_all_signals(err) < 0 || open_standard_descriptors(err) < 0)
		return -1;
	umask(077);
	if (close_range(3, ~0u, 0) < 0)
		return error_set(err, errno, NULL, NULL, "cannot close inherited descriptors");
	if (forbid_core_dumps(err) < 0)
		return -1;
	return 0;
}
