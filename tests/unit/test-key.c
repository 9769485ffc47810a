/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "key.h"

/*
 * The kernel's keyring is played here, so that the test runs where the real one is not to be had (a
 * container without it) and can make it fail; the component tests use the real one.
 */
static struct {
	bool refuses_page, equal_halves, too_few, refuses_exclusion;
	int add_errno, random_errno;
	unsigned int freed, invalidated, cleared;
	bool wiped, held_back;
	unsigned char added[KEY_BYTES];
	char type[16], description[64];
} world;

#define SERIAL 4711

int __wrap_madvise(void *start, size_t size, int advice);
int __real_madvise(void *start, size_t size, int advice);
int __wrap_mlock(const void *start, size_t size);
int __wrap_munmap(void *start, size_t size);
int __real_munmap(void *start, size_t size);
void __wrap_registers_overwrite(void);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

int __wrap_madvise(void *start, size_t size, int advice)
{
	if (!world.refuses_exclusion)
		return __real_madvise(start, size, advice);
	errno = ENOMEM;
	return -1;
}

int __wrap_mlock(const void *start, size_t size)
{
	if (!world.refuses_page)
		return (int)__real_syscall(SYS_mlock, start,
					   size); /* ASan's mlock() does nothing */
	errno = ENOMEM;
	return -1;
}

/* The page is given back: what is in it then is anybody's. */
int __wrap_munmap(void *start, size_t size)
{
	static const unsigned char zeros[KEY_BYTES];

	world.freed++;
	world.wiped = memcmp(start, zeros, KEY_BYTES) == 0;
	return __real_munmap(start, size);
}

static bool signals_come(void)
{
	sigset_t mask;

	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	return !sigismember(&mask, SIGALRM);
}

void __wrap_registers_overwrite(void)
{
	world.held_back = !signals_come();
}

/* What the kernel says of the mapping that an address is in: VmFlags, "dd" for "do not dump", "lo" for locked. */
static bool mapped_with(const char *flag, const void *address)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	bool inside = false, found = false;
	uintptr_t start, end;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
			inside = start <= (uintptr_t)address && (uintptr_t)address < end;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(maps);
	return found;
}

static long fill(va_list arguments)
{
	unsigned char *bytes = va_arg(arguments, unsigned char *);
	size_t size = va_arg(arguments, size_t);

	assert_int_equal(size, KEY_BYTES);
	assert_int_equal(va_arg(arguments, int), 0);
	for (size_t i = 0; i < size; i += size - 1) {
		assert_true(mapped_with(" lo ", bytes + i));
		assert_true(mapped_with(" dd ", bytes + i));
	}
	if (world.random_errno != 0)
		return errno = world.random_errno, -1;
	if (__real_syscall(SYS_getrandom, bytes, size, 0) != (long)size)
		return -1;
	if (world.equal_halves)
		memcpy(bytes + size / 2, bytes, size / 2);
	return world.too_few ? 32 : (long)size;
}

static long add_key(va_list arguments)
{
	const char *type = va_arg(arguments, const char *);
	const char *description = va_arg(arguments, const char *);
	const void *bytes = va_arg(arguments, const void *);
	size_t size = va_arg(arguments, size_t);

	assert_int_equal(va_arg(arguments, int), KEY_SPEC_THREAD_KEYRING);
	assert_int_equal(size, KEY_BYTES);
	if (world.add_errno != 0)
		return errno = world.add_errno, -1;
	strcpy(world.type, type);
	strcpy(world.description, description);
	memcpy(world.added, bytes, size);
	return SERIAL;
}

static long keyctl(va_list arguments)
{
	int operation = va_arg(arguments, int);
	int serial = va_arg(arguments, int);

	if (operation == KEYCTL_INVALIDATE && serial == SERIAL)
		world.invalidated++;
	if (operation == KEYCTL_CLEAR && serial == KEY_SPEC_THREAD_KEYRING)
		world.cleared++;
	if (operation == KEYCTL_UNLINK && serial == SERIAL)
		world.cleared++;
	return 0;
}

long __wrap_syscall(long number, ...)
{
	long result = -1;
	va_list arguments;

	va_start(arguments, number);
	if (number == SYS_getrandom)
		result = fill(arguments);
	else if (number == SYS_add_key)
		result = add_key(arguments);
	else if (number == SYS_keyctl)
		result = keyctl(arguments);
	else
		fail_msg("system call %ld", number);
	va_end(arguments);
	return result;
}

static int prepare(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	return 0;
}

/* No key is made, err says so, and nothing is left of it. Returns the error's number. */
static int refused(const char *says)
{
	struct error err;
	struct key key;

	assert_int_equal(key_make("one", &key, &err), -1);
	assert_error_says(&err, says);
	assert_null(key.bytes);
	key_forget(&key);
	return err.number;
}

static void no_key_in_a_page_that_is_not_locked(void **state)
{
	(void)state;
	world.refuses_page = true;
	assert_int_equal(refused("cannot lock memory for the key"), ENOMEM);
	assert_int_equal(world.freed, 1);
}

static void no_key_of_too_few_random_bytes(void **state)
{
	(void)state;
	world.random_errno = ENOSYS;
	assert_int_equal(refused("cannot get random bytes for the key: Function not implemented"),
			 ENOSYS);
	world.random_errno = 0;
	world.too_few = true;
	refused("cannot get random bytes for the key");
	assert_true(world.wiped);
}

static void makes_a_key(void **state)
{
	struct key one, two;
	struct error err;

	(void)state;
	assert_int_equal(key_make("one", &one, &err), 0);
	assert_int_equal(key_make("two", &two, &err), 0);
	assert_string_equal(one.description, "xeneph:one");
	assert_memory_not_equal(one.bytes, two.bytes, KEY_BYTES);
	assert_memory_not_equal(one.bytes, one.bytes + KEY_BYTES / 2, KEY_BYTES / 2);
	assert_int_equal(one.serial, 0);
	key_forget(&one);
	key_forget(&two);
}

static void no_signal_while_it_is_in_registers(void **state)
{
	struct error err;
	struct key key;

	(void)state;
	assert_int_equal(key_make("one", &key, &err), 0);
	assert_true(world.held_back);
	assert_true(signals_come());
	key_forget(&key);
}

static void refuses_equal_halves(void **state)
{
	(void)state;
	world.equal_halves = true;
	refused("halves are the same");
	assert_int_equal(world.freed, 1);
	assert_true(world.wiped);
}

static void no_key_that_a_core_dump_would_have(void **state)
{
	(void)state;
	world.refuses_exclusion = true;
	assert_int_equal(refused("cannot keep the key out of core dumps"), ENOMEM);
	assert_int_equal(world.freed, 1);
}

static void enters_it_as_a_logon_key(void **state)
{
	struct error err;
	struct key key;

	(void)state;
	assert_int_equal(key_make("one", &key, &err), 0);
	assert_int_equal(key_enter(&key, &err), 0);
	assert_string_equal(world.type, "logon");
	assert_string_equal(world.description, "xeneph:one");
	assert_memory_equal(world.added, key.bytes, KEY_BYTES);
	key_forget(&key);
}

static void forgets_it_everywhere(void **state)
{
	struct error err;
	struct key key;

	(void)state;
	assert_int_equal(key_make("one", &key, &err), 0);
	assert_int_equal(key_enter(&key, &err), 0);
	key_forget(&key);
	assert_int_equal(world.invalidated, 1);
	assert_int_equal(world.cleared, 1);
	assert_int_equal(world.freed, 1);
	assert_true(world.wiped);
	assert_null(key.bytes);
	assert_int_equal(key.serial, 0);
	key_forget(&key);
	assert_int_equal(world.invalidated, 1);
	assert_int_equal(world.freed, 1);
}

static void kernel_refuses_it(void **state)
{
	struct error err;
	struct key key;

	(void)state;
	assert_int_equal(key_make("one", &key, &err), 0);
	world.add_errno = EDQUOT;
	assert_int_equal(key_enter(&key, &err), -1);
	assert_int_equal(err.number, EDQUOT);
	assert_error_says(&err, "cannot give the key to the kernel");
	assert_int_equal(key.serial, 0);
	key_forget(&key);
	assert_int_equal(world.invalidated, 0);
	assert_true(world.wiped);
}

static void nonces_differ(void **state)
{
	unsigned char one[8] = { 0 }, two[8] = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(key_nonce(one, sizeof(one), &err), 0);
	assert_int_equal(key_nonce(two, sizeof(two), &err), 0);
	assert_memory_not_equal(one, two, sizeof(one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_key_in_a_page_that_is_not_locked, prepare),
		cmocka_unit_test_setup(no_key_of_too_few_random_bytes, prepare),
		cmocka_unit_test_setup(makes_a_key, prepare),
		cmocka_unit_test_setup(no_signal_while_it_is_in_registers, prepare),
		cmocka_unit_test_setup(refuses_equal_halves, prepare),
		cmocka_unit_test_setup(no_key_that_a_core_dump_would_have, prepare),
		cmocka_unit_test_setup(enters_it_as_a_logon_key, prepare),
		cmocka_unit_test_setup(forgets_it_everywhere, prepare),
		cmocka_unit_test_setup(kernel_refuses_it, prepare),
		cmocka_unit_test_setup(nonces_differ, prepare),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
