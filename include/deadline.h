/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing waits for ever.
 *
 * libxl kills a hotplug script with SIGKILL after 40 s (LIBXL_HOTPLUG_TIMEOUT, libxl_internal.h);
 * these deadlines are shorter, so that the program can still say what it was waiting for.
 */
#ifndef XE_DEADLINE_H
#define XE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* What a hotplug script may take as a whole, in seconds. */
#define DEADLINE_HOTPLUG 30

/*
 * Ends the process after that many seconds with exit status 1 and a line on stderr that begins
 * with who (copied) and names the step last given to deadline_step(); no other record is possible,
 * since what does not answer may be xenstored. libxenstore restarts an interrupted read (xs.c, read_all),
 * so a xenstored that does not answer can be left in no other way; all that the process holds is
 * given back by the kernel.
 */
int deadline_start(const char *who, unsigned int seconds, struct error *err);

/* Gives the process that many seconds once more: for work that is long, and known to go on. */
void deadline_again(void);

/* Names the step that begins; text must be a constant, without a newline. */
void deadline_step(const char *text);

/* Interrupts (EINTR) a system call of this thread that is still blocked after ms milliseconds; 0 takes it back,
 * which every thread does before it ends. */
int deadline_interrupt(unsigned int ms, struct error *err);

/* Monotonic time in milliseconds. */
uint64_t deadline_now(void);

/* Sleeps a little, longer each time (*step counts, start with 0), until the time `end`, in
 * milliseconds of deadline_now(). Returns false without sleeping once `end` has passed. */
bool deadline_pause(uint64_t end, unsigned int *step);

#endif
