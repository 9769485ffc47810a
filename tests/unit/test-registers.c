/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "registers.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdbool.h>
#include <stdint.h>

static const unsigned char pattern[16] = "sixteen of a key";

/* As the kernel saves a thread's state: XSAVE with all there is, or FXSAVE on a processor without it. */
static unsigned char state[16384] __attribute__((aligned(64)));

static bool has_xsave(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE);
}

#define LOWER                                                                                    \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#define SIXTEEN "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"

static void fill(void)
{
	if (__builtin_cpu_supports("avx512f"))
		__asm__ volatile(".irp n," SIXTEEN
				 ",16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
				 "vbroadcasti32x4 %0, %%zmm\\n\n.endr" ::"m"(pattern)
				 : LOWER);
	else if (__builtin_cpu_supports("avx"))
		__asm__ volatile(".irp n," SIXTEEN
				 "\nvbroadcastf128 %0, %%ymm\\n\n.endr" ::"m"(pattern)
				 : LOWER);
	else
		__asm__ volatile(".irp n," SIXTEEN "\nmovups %0, %%xmm\\n\n.endr" ::"m"(pattern)
				 : LOWER);
}

static void save(void)
{
	if (has_xsave())
		__asm__ volatile("xsave64 %0" : "+m"(state) : "a"(0xe7), "d"(0));
	else
		__asm__ volatile("fxsave64 %0" : "+m"(state));
}

static unsigned int count_saved(void)
{
	unsigned int count = 0;

	for (size_t i = 0; i + sizeof(pattern) <= sizeof(state); i++)
		count += memcmp(state + i, pattern, sizeof(pattern)) == 0;
	return count;
}

static void overwrites_every_vector_register(void **unused)
{
	(void)unused;
	fill();
	save();
	assert_true(count_saved() >= 16);
	fill();
	registers_overwrite();
	save();
	assert_int_equal(count_saved(), 0);
}

/* Zeros would be an initial state, which is not saved over an older one. */
static void leaves_no_initial_state(void **unused)
{
	uint64_t used;

	(void)unused;
	registers_overwrite();
	save();
	if (!has_xsave())
		return;
	memcpy(&used, state + 512, sizeof(used));
	assert_true(used & 2);
	if (__builtin_cpu_supports("avx"))
		assert_true(used & 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overwrites_every_vector_register),
		cmocka_unit_test(leaves_no_initial_state),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}

#else

int main(void)
{
	return 0;
}

#endif
