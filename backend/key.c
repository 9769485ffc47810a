/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <gcrypt.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "key.h"
#include "registers.h"

/* libgcrypt's smallest pool (secmem.c, MINIMUM_POOL_SIZE). */
#define POOL_BYTES 16384

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

static int start_libgcrypt(struct error *err)
{
	static const char action[] = "cannot lock memory for the key";

	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		return error_set(err, errno, NULL, NULL, "%s", action);
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return 0;
	/* Before the version check, or the entropy-gathering generator starts. */
	gcry_control(GCRYCTL_SET_PREFERRED_RNG_TYPE, GCRY_RNG_TYPE_SYSTEM);
	if (gcry_check_version("1.8.0") == NULL)
		return error_set(err, 0, NULL, "older than 1.8.0", "cannot use libgcrypt");
	gcry_control(GCRYCTL_DISABLE_SECMEM_WARN, 0);
	/* An error is how libgcrypt says that its pool is not locked (global.c, _gcry_vcontrol). */
	if (gcry_control(GCRYCTL_INIT_SECMEM, POOL_BYTES, 0) != 0)
		return error_set(err, 0, NULL, "libgcrypt's secure memory is not locked", "%s",
				 action);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return 0;
}

/* A core dump leaves out whole pages, if they are marked; libgcrypt does not mark its pool. */
static int exclude_from_dumps(unsigned char *bytes, struct error *err)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	unsigned char *start = bytes - ((uintptr_t)bytes & (page - 1));

	if (madvise(start, (size_t)(bytes - start) + KEY_BYTES, MADV_DONTDUMP) == 0)
		return 0;
	return error_set(err, errno, NULL, NULL, "cannot keep the key out of core dumps");
}

int key_make(const char *name, struct key *key, struct error *err)
{
	memset(key, 0, sizeof(*key));
	snprintf(key->description, sizeof(key->description), "xeneph:%s", name);
	if (start_libgcrypt(err) < 0)
		return -1;
	key->bytes = gcry_malloc_secure(KEY_BYTES);
	if (key->bytes == NULL)
		return error_set(err, errno, NULL, NULL, "cannot get secure memory for the key");
	if (exclude_from_dumps(key->bytes, err) < 0) {
		key_forget(key);
		return -1;
	}
	/* The level for session keys: all of it from the kernel's generator. The level above takes
	 * half from processor jitter instead, at the cost of the rest of an attach (rndgetentropy.c). */
	gcry_randomize(key->bytes, KEY_BYTES, GCRY_STRONG_RANDOM);
	/* XTS with equal halves is no encryption worth the name (FIPS 140-2 IG A.9). */
	if (memcmp(key->bytes, key->bytes + KEY_BYTES / 2, KEY_BYTES / 2) == 0) {
		key_forget(key);
		return error_set(err, 0, NULL, "both halves are the same", "cannot use the key");
	}
	/* What was copied and compared may stand in them still. */
	registers_overwrite();
	return 0;
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
		gcry_free(key->bytes);
		key->bytes = NULL;
	}
}

int key_nonce(unsigned char *bytes, size_t size, struct error *err)
{
	if (getrandom(bytes, size, 0) != (ssize_t)size)
		return error_set(err, errno, NULL, NULL, "cannot get random bytes");
	return 0;
}
