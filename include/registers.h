/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processor's registers, through which the C library and the compiler copy and compare memory. */
#ifndef XE_REGISTERS_H
#define XE_REGISTERS_H

/*
 * A function that leaves nothing in the general registers that it used, where the compiler knows how (gcc 11, clang
 * 15): the compiler may compare memory in those too.
 */
#if defined(__has_attribute)
#if __has_attribute(zero_call_used_regs)
#define REGISTERS_CLEARED __attribute__((noinline, zero_call_used_regs("used-gpr")))
#endif
#endif
#ifndef REGISTERS_CLEARED
#define REGISTERS_CLEARED __attribute__((noinline))
#endif

/*
 * Overwrites every vector register of this thread. What stands in one is saved with the thread whenever
 * the kernel needs the registers for itself, as dm-crypt does for AES, and stays in the kernel's memory
 * after the thread has ended.
 */
void registers_overwrite(void);

#endif
