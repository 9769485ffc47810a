/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "parallel.h"

/* Beside the caller's. More would wait for each other: some of the kernel's waits are for all of its processors. */
#define HELPERS_MAX 15

struct crew {
	atomic_uint next;
	unsigned int count;
	void (*work)(unsigned int index, void *context);
	void *context;
};

static void *take_part(void *argument)
{
	struct crew *crew = argument;
	unsigned int index;

	while ((index = atomic_fetch_add(&crew->next, 1)) < crew->count)
		crew->work(index, crew->context);
	return NULL;
}

void parallel_each(unsigned int count, void (*work)(unsigned int index, void *context),
		   void *context)
{
	struct crew crew = { .count = count, .work = work, .context = context };
	pthread_t helpers[HELPERS_MAX];
	unsigned int started = 0;

	while (started < HELPERS_MAX && started + 1 < count &&
	       pthread_create(&helpers[started], NULL, take_part, &crew) == 0)
		started++;
	take_part(&crew);
	while (started > 0)
		pthread_join(helpers[--started], NULL);
}
