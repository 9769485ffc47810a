/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

/* Where e2fsprogs has its programs, which the PATH of a service may leave out. */
static void extend_path(void)
{
	const char *path = getenv("PATH");
	char longer[4096];

	snprintf(longer, sizeof(longer), "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin");
	setenv("PATH", longer, 1);
	setenv("LC_ALL", "C", 1);
}

/* Left alone by its parent it would write to a copy that the next run makes anew. */
static void become(int dir, const char *const arguments[])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || null < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(null, 2) < 0 || fchdir(dir) < 0)
		_exit(126);
	extend_path();
	execvp(arguments[0], (char *const *)arguments);
	_exit(127);
}

static int explain(int status, const char *name, struct error *err)
{
	char reason[64];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return error_set(err, 0, name, "is e2fsprogs installed?", "cannot run");
	snprintf(reason, sizeof(reason), "it ended with %s %d",
		 WIFEXITED(status) ? "status" : "signal",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return error_set(err, 0, name, reason, "cannot go on after");
}

int tool_run(const struct kernel *kernel, const char *const arguments[], struct error *err)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return error_set(err, errno, arguments[0], NULL, "cannot run");
	if (pid == 0)
		become(kernel->dir, arguments);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(err, errno, arguments[0], NULL, "cannot wait for");
	return explain(status, arguments[0], err);
}
