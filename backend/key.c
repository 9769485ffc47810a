/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "key.h"
#include "registers.h"

/* A page of its own, which is never swapped and never dumped. */
static unsigned char *get_locked_page(struct error *err)
{
	static const char limit[] = "is locked memory limited (ulimit -l)?";
	void *page;

	page = mmap(NULL, KEY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED) {
		error_set(err, errno, NULL, NULL, "cannot get memory for the key");
		return NULL;
	}
	if (mlock(page, KEY_BYTES) < 0)
		error_set(err, errno, NULL, limit, "cannot lock memory for the key");
	else if (madvise(page, KEY_BYTES, MADV_DONTDUMP) < 0)
		error_set(err, errno, NULL, NULL, "cannot keep the key out of core dumps");
	else
		return page;
	munmap(page, KEY_BYTES);
	return NULL;
}

/*
 * From the kernel's generator, once that has been seeded. By the system call itself: the C library's getrandom()
 * may make the bytes in user space, from a state in memory that is not ours (glibc 2.41, the vDSO's).
 */
static int fill(unsigned char *bytes, struct error *err)
{
	if (syscall(SYS_getrandom, bytes, (size_t)KEY_BYTES, 0) != KEY_BYTES)
		return error_set(err, errno, NULL, NULL, "cannot get random bytes for the key");
	return 0;
}

static REGISTERS_CLEARED bool same_halves(const unsigned char *bytes)
{
	return memcmp(bytes, bytes + KEY_BYTES / 2, KEY_BYTES / 2) == 0;
}

/*
 * XTS with equal halves is no encryption worth the name (FIPS 140-2 IG A.9). What is compared passes through
 * registers, and a signal would copy those to the stack, which is not locked: none comes until they are overwritten.
 */
static int check_halves(const unsigned char *bytes, struct error *err)
{
	sigset_t all, before;
	bool same;
	int number;

	sigfillset(&all);
	number = pthread_sigmask(SIG_SETMASK, &all, &before);
	if (number != 0)
		return error_set(err, number, NULL, NULL, "cannot hold signals back");
	same = same_halves(bytes);
	registers_overwrite();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (same)
		return error_set(err, 0, NULL, "both halves are the same", "cannot use the key");
	return 0;
}

int key_make(const char *name, struct key *key, struct error *err)
{
	memset(key, 0, sizeof(*key));
	snprintf(key->description, sizeof(key->description), "xeneph:%s", name);
	key->bytes = get_locked_page(err);
	if (key->bytes == NULL)
		return -1;
	if (fill(key->bytes, err) == 0 && check_halves(key->bytes, err) == 0)
		return 0;
	key_forget(key);
	return -1;
}

int key_enter(struct key *key, struct error *err)
{
	long serial = syscall(SYS_add_key, "logon", key->description, key->bytes, (size_t)KEY_BYTES,
			      KEY_SPEC_THREAD_KEYRING);

	if (serial < 0)
		return error_set(err, errno, NULL, NULL, "cannot give the key to the kernel");
	key->serial = (int)serial;
	return 0;
}

void key_forget(struct key *key)
{
	if (key->serial != 0) {
		/* Dead at once, whoever holds a reference; then out of the keyring. */
		syscall(SYS_keyctl, KEYCTL_INVALIDATE, key->serial);
		syscall(SYS_keyctl, KEYCTL_CLEAR, KEY_SPEC_THREAD_KEYRING);
		key->serial = 0;
	}
	if (key->bytes != NULL) {
		explicit_bzero(key->bytes, KEY_BYTES);
		munmap(key->bytes, KEY_BYTES);
		key->bytes = NULL;
	}
}

int key_nonce(unsigned char *bytes, size_t size, struct error *err)
{
	if (getrandom(bytes, size, 0) != (ssize_t)size)
		return error_set(err, errno, NULL, NULL, "cannot get random bytes");
	return 0;
}
