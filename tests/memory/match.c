/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * match HALVES NAME=CIPHERTEXT...: which two AES-256 keys are a disk's, and in which order.
 *
 * Every volatile disk begins with zeros, so the first 16 bytes of its store (CIPHERTEXT, hexadecimal)
 * are 16 zeros under aes-xts-plain64 at sector 0. HALVES has a key of 32 bytes a line, hexadecimal. A
 * line "NAME KEY" with the 64 bytes is printed for each disk whose key is found.
 */
#include <gcrypt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HALF	   32
#define BLOCK	   16
#define HALVES_MAX 512

static unsigned char halves[HALVES_MAX][HALF];
static unsigned int half_count;

static void read_bytes(const char *hex, unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &bytes[i]) != 1) {
			fprintf(stderr, "match: no hexadecimal number: %s\n", hex);
			exit(2);
		}
}

static void read_halves(const char *path)
{
	FILE *file = fopen(path, "re");
	char hex[2 * HALF + 1];

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	while (half_count < HALVES_MAX && fscanf(file, "%64s", hex) == 1)
		read_bytes(hex, halves[half_count++], HALF);
	fclose(file);
}

static bool encrypts(const unsigned char key[2 * HALF], const unsigned char wanted[BLOCK])
{
	static const unsigned char zeros[BLOCK];
	unsigned char block[BLOCK];
	gcry_cipher_hd_t cipher;
	bool same;

	if (gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_XTS, 0) != 0)
		exit(2);
	same = gcry_cipher_setkey(cipher, key, 2 * HALF) == 0 &&
	       gcry_cipher_setiv(cipher, zeros, BLOCK) == 0 &&
	       gcry_cipher_encrypt(cipher, block, BLOCK, zeros, BLOCK) == 0 &&
	       memcmp(block, wanted, BLOCK) == 0;
	gcry_cipher_close(cipher);
	return same;
}

static bool match(const char *name, const unsigned char wanted[BLOCK])
{
	unsigned char key[2 * HALF];

	for (unsigned int i = 0; i < half_count * half_count; i++) {
		memcpy(key, halves[i / half_count], HALF);
		memcpy(key + HALF, halves[i % half_count], HALF);
		if (!encrypts(key, wanted))
			continue;
		printf("%s ", name);
		for (unsigned int k = 0; k < sizeof(key); k++)
			printf("%02x", key[k]);
		putchar('\n');
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	unsigned char wanted[BLOCK];

	if (argc < 2) {
		fprintf(stderr, "usage: match HALVES NAME=CIPHERTEXT...\n");
		return 2;
	}
	gcry_check_version(NULL);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	read_halves(argv[1]);
	for (int i = 2; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (value == NULL)
			return 2;
		*value++ = '\0';
		read_bytes(value, wanted, sizeof(wanted));
		match(argv[i], wanted);
	}
	return 0;
}
