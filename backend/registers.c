/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registers.h"

#if defined(__x86_64__)

#define SIXTEEN "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
#define LOWER                                                                                    \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

/*
 * With ones, not with zeros: registers that are all zero count as never used, and what is never used is
 * not written when a thread's state is saved (XSAVES, XSAVEOPT). An older copy would stay there.
 */
void registers_overwrite(void)
{
	if (__builtin_cpu_supports("avx512f"))
		__asm__ volatile(".irp n," SIXTEEN
				 ",16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
				 "vpternlogd $255, %%zmm\\n, %%zmm\\n, %%zmm\\n\n"
				 ".endr"
				 :
				 :
				 : LOWER);
	else if (__builtin_cpu_supports("avx"))
		__asm__ volatile(".irp n," SIXTEEN "\n"
				 "vcmpps $15, %%ymm\\n, %%ymm\\n, %%ymm\\n\n"
				 ".endr"
				 :
				 :
				 : LOWER);
	else
		__asm__ volatile(".irp n," SIXTEEN "\n"
				 "pcmpeqd %%xmm\\n, %%xmm\\n\n"
				 ".endr"
				 :
				 :
				 : LOWER);
}

#else

/* Not known here for other processors. */
void registers_overwrite(void)
{
}

#endif
