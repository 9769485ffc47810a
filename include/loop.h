/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop devices that take themselves away.
 *
 * AUTOCLEAR is set in the same call that configures the device (LOOP_CONFIGURE, Linux 5.8): there is
 * no moment at which a killed process would leave one behind.
 */
#ifndef XE_LOOP_H
#define XE_LOOP_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

struct loop {
	int fd; /* owned: loop_close(); the device lasts until its last opener is gone */
	dev_t device;
};

/*
 * Puts a loop device with 512-byte sectors over file, an open description that fits read_only and
 * that the device keeps. what names the file's part ("origin", "store") in messages. Returns 0 or -1.
 */
int loop_attach(int file, bool read_only, const char *what, struct loop *loop, struct error *err);

/* Tells whether an open loop device was set up by loop_attach(). */
bool loop_is_ours(int fd);

/* Gives the device up; it goes unless something else has it open. */
void loop_close(struct loop *loop);

#endif
