/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill-at N PROGRAM [ARGUMENT...]: runs the program and kills it with SIGKILL right after its system
 * call number N, of those it makes from its own execve (1) on. Ends with 137 then, else with the
 * program's own status: there is no call N.
 *
 * kill-at -c FILE PROGRAM [ARGUMENT...]: kills nothing, and writes each call's name to FILE, a line for
 * each; a call without a name here by its number.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

static const struct {
	long number;
	const char *name;
} names[] = {
#define CALL(name)                \
	{                         \
		SYS_##name, #name \
	}
	CALL(execve),	    CALL(openat),	  CALL(close),
	CALL(read),	    CALL(write),	  CALL(ioctl),
	CALL(mmap),	    CALL(munmap),	  CALL(mprotect),
	CALL(brk),	    CALL(add_key),	  CALL(keyctl),
	CALL(umask),	    CALL(mlock),	  CALL(flock),
	CALL(fcntl),	    CALL(ftruncate),	  CALL(pwrite64),
	CALL(fstat),	    CALL(newfstatat),	  CALL(getrandom),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(prctl),
	CALL(prlimit64),    CALL(close_range),	  CALL(socket),
	CALL(connect),	    CALL(nanosleep),	  CALL(clock_nanosleep),
	CALL(exit_group),   CALL(getdents64),	  CALL(pread64),
	CALL(readlink),	    CALL(timer_create),	  CALL(timer_settime),
	CALL(alarm),	    CALL(uname),	  CALL(madvise),
	CALL(sendto),
#undef CALL
};

static void name_call(FILE *file, long number)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == number) {
			fprintf(file, "%s\n", names[i].name);
			return;
		}
	fprintf(file, "%ld\n", number);
}

static void fatal(const char *what)
{
	fprintf(stderr, "kill-at: %s: %s\n", what, strerror(errno));
	exit(2);
}

static pid_t start(char **arguments)
{
	pid_t pid = fork();

	if (pid < 0)
		fatal("fork");
	if (pid > 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		_exit(126);
	execv(arguments[0], arguments);
	_exit(127);
}

/* Lets it go on to its next stop. Returns the signal it stopped by, or -1 at its end (*status). */
static int go_on(pid_t pid, int deliver, int *status)
{
	if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)deliver) < 0 && errno != ESRCH)
		fatal("ptrace");
	if (waitpid(pid, status, 0) < 0)
		fatal("waitpid");
	return WIFSTOPPED(*status) ? WSTOPSIG(*status) : -1;
}

/* The end of a system call, as opposed to its begin. */
static int is_exit(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <= 0)
		fatal("PTRACE_GET_SYSCALL_INFO");
	return info.op == PTRACE_SYSCALL_INFO_EXIT;
}

static long entered(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <= 0)
		fatal("PTRACE_GET_SYSCALL_INFO");
	return (long)info.entry.nr;
}

/* exec's own SIGTRAP is not for the program. */
static int run(pid_t pid, long last, FILE *file)
{
	int status, stop, deliver = 0, begun = 0;
	long count = 0;

	for (;;) {
		stop = go_on(pid, deliver, &status);
		deliver = 0;
		if (stop < 0)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (stop != (SIGTRAP | 0x80)) {
			deliver = stop == SIGTRAP || stop == SIGSTOP ? 0 : stop;
			continue;
		}
		if (!is_exit(pid)) {
			begun |= entered(pid) == SYS_execve;
			if (begun && file != NULL)
				name_call(file, entered(pid));
			continue;
		}
		count += begun;
		if (count == last && begun)
			kill(pid, SIGKILL);
	}
}

int main(int argc, char **argv)
{
	int list = argc > 3 && strcmp(argv[1], "-c") == 0, status;
	long last = list ? -1 : argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	FILE *file = list ? fopen(argv[2], "we") : NULL;
	pid_t pid;

	if (last == 0 || (list && file == NULL)) {
		fprintf(stderr, "usage: kill-at N|-c FILE PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	pid = start(argv + (list ? 3 : 2));
	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		fatal("the program does not stop");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0)
		fatal("PTRACE_SETOPTIONS");
	return run(pid, last, file);
}
