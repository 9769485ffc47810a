/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key of one mapping: made, given to the kernel, forgotten.
 *
 * Between key_make() and key_forget() the bytes are in a locked page of their own and nowhere else,
 * which a core dump leaves out; while they are looked at no signal copies a register to the stack.
 * Between key_enter() and key_forget() the kernel has them as a "logon" key, which user space cannot
 * read, in this thread's own keyring, which no other task sees and which ends with the thread. No
 * library has a part in it: all that happens to a key is ten system calls, in key.c.
 */
#ifndef XE_KEY_H
#define XE_KEY_H

#include "error.h"

/* AES-256-XTS takes two keys of 32 bytes (dm-crypt, aes-xts-plain64). */
#define KEY_BYTES 64

struct key {
	unsigned char *bytes; /* a page of its own, or NULL */
	int serial;	      /* the kernel's, or 0 */
	char description
		[160]; /* "xeneph:" and a name: a logon key's needs a ':' (user_defined.c) */
};

/* Makes a random key under a description that ends with name. Returns 0, or -1 with nothing left. */
int key_make(const char *name, struct key *key, struct error *err);

/* Puts the key into the thread keyring, where dm-crypt's request_key() finds it. Returns 0 or -1. */
int key_enter(struct key *key, struct error *err);

/* Invalidates and unlinks the kernel's key, wipes and frees the bytes. A mapping that was loaded
 * keeps working: dm-crypt has its own expanded copy. Safe to call at any time, and twice. */
void key_forget(struct key *key);

/* Fills size bytes that need not be secret, for names. Returns 0 or -1. */
int key_nonce(unsigned char *bytes, size_t size, struct error *err);

#endif
