/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processor's vector registers, through which the C library copies and compares memory. */
#ifndef XE_REGISTERS_H
#define XE_REGISTERS_H

/*
 * Overwrites every vector register of this thread. What stands in one is saved with the thread whenever
 * the kernel needs the registers for itself, as dm-crypt does for AES, and stays in the kernel's memory
 * after the thread has ended.
 */
void registers_overwrite(void);

#endif
