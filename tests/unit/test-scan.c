/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for a marker, piece by piece, and what is told of its progress. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "progress.h"
#include "scan.h"
#include "search.h"

/* Feeds all of text in pieces of that many bytes. */
static struct search feed(const char *text, size_t size, const char *marker, size_t piece)
{
	struct search search;

	search_begin(&search, (const unsigned char *)marker, strlen(marker));
	for (size_t at = 0; at < size; at += piece)
		search_feed(&search, (const unsigned char *)text + at,
			    size - at < piece ? size - at : piece);
	return search;
}

/* What grep -o would count, in one go. */
static uint64_t count_simply(const char *text, size_t size, const char *marker, uint64_t *first)
{
	const char *at = text, *hit;
	uint64_t count = 0;

	while ((hit = memmem(at, size - (size_t)(at - text), marker, strlen(marker)))) {
		if (count++ == 0)
			*first = (uint64_t)(hit - text);
		at = hit + strlen(marker);
	}
	return count;
}

static void finds_at_every_border(void **state)
{
	static const char marker[] = "MARKER-0123456789";
	char text[64];

	(void)state;
	for (size_t at = 0; at + sizeof(marker) - 1 <= sizeof(text); at++) {
		memset(text, '.', sizeof(text));
		memcpy(text + at, marker, sizeof(marker) - 1);
		for (size_t piece = 1; piece <= sizeof(text); piece++) {
			struct search search = feed(text, sizeof(text), marker, piece);

			assert_that(search.found == 1 && search.first == at,
				    "at %zu in pieces of %zu: %u found, first at %u", at, piece,
				    (unsigned int)search.found, (unsigned int)search.first);
			assert_int_equal(search.read, sizeof(text));
		}
	}
}

/* Two letters, so that beginnings of the marker stand everywhere. */
static void counts_as_in_one_go(void **state)
{
	static const char *const markers[] = { "aaaaaaaa", "abababab", "aabaabaa", "abaababaab" };
	char text[400];

	(void)state;
	srandom(1);
	for (int round = 0; round < 200; round++) {
		const char *marker = markers[round % (int)LENGTH(markers)];
		uint64_t first = 0, expected;

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = random() % 8 ? marker[i % strlen(marker)] : 'b';
		expected = count_simply(text, sizeof(text), marker, &first);
		for (size_t piece = 1; piece <= 32; piece++) {
			struct search search = feed(text, sizeof(text), marker, piece);

			assert_that(search.found == expected && search.first == first,
				    "%s, round %d, pieces of %zu: %u, not %u", marker, round, piece,
				    (unsigned int)search.found, (unsigned int)expected);
		}
	}
}

static void finds_nothing_in_halves(void **state)
{
	struct search search;

	(void)state;
	search = feed("MARKER-0MARKER-01234MARKER-", 27, "MARKER-0123456789", 5);
	assert_int_equal(search.found, 0);
	search = feed("", 0, "MARKER-0", 1);
	assert_int_equal(search.found, 0);
}

static void takes_the_longest_marker(void **state)
{
	static char marker[SEARCH_MARKER_MAX + 1], text[3 * SEARCH_MARKER_MAX];
	struct search search;

	(void)state;
	memset(marker, 'm', SEARCH_MARKER_MAX);
	memcpy(text + 5000, marker, SEARCH_MARKER_MAX);
	search = feed(text, sizeof(text), marker, 4096);
	assert_int_equal(search.found, 1);
	assert_int_equal(search.first, 5000);
}

static void tells_progress(void **state)
{
	char text[PROGRESS_TEXT_MAX];

	(void)state;
	progress_format("xvdc, store", 0, 12ull << 30, 0, text);
	assert_string_equal(text, "xvdc, store: 0 B of 12 GiB");
	progress_format("xvdc, store", 3ull << 20, 12ull << 30, 100, text);
	assert_string_equal(text, "xvdc, store: 3 MiB of 12 GiB");
	progress_format("xvdc, store", 2ull << 30, 12ull << 30, 8192, text);
	assert_string_equal(text, "xvdc, store: 2 GiB of 12 GiB, 250 MiB/s, 40 s left");
	progress_format("xvdc, store", 12ull << 30, 12ull << 30, 60000, text);
	assert_string_equal(text, "xvdc, store: 12 GiB of 12 GiB, 204 MiB/s, 0 s left");
	/* Storage that has stopped, and one so large that a product would not fit. */
	progress_format("xvdc, store", 100, 12ull << 30, 60000, text);
	assert_string_equal(text, "xvdc, store: 100 B of 12 GiB");
	progress_format("xvdc, store", 1ull << 50, 1ull << 60, 1ull << 40, text);
	assert_string_equal(text, "xvdc, store: 1 PiB of 1 EiB, 0 MiB/s, 13018523 d left");
}

/* Tells twice of half of it, on stderr put over fd for so long; closes fd. */
static void tell(int fd)
{
	int saved = dup(STDERR_FILENO);
	struct progress progress;

	dup2(fd, STDERR_FILENO);
	close(fd);
	progress_begin(&progress, "xvdc", 100);
	progress_at(&progress, 50);
	progress_at(&progress, 51);
	progress_end(&progress);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
}

static void is_quiet_without_a_terminal(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	tell(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

/* What tell() writes on a terminal of that many columns; 0: it does not know. */
static void tell_terminal(unsigned short columns, char text[256])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	size_t length = 0;
	ssize_t more;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master) + unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	tell(slave);
	/* In pieces, as the terminal hands them on; then EIO, since nobody has the other end. */
	while ((more = read(master, text + length, 255 - length)) > 0)
		length += (size_t)more;
	text[length] = '\0';
	close(master);
}

/* Told once, and wiped off: two looks within a fifth of a second are one line. */
static void speaks_on_a_terminal(void **state)
{
	char text[256];

	(void)state;
	tell_terminal(0, text);
	assert_string_equal(text, "\rxvdc: 50 B of 100 B\r                   \r");
	tell_terminal(80, text);
	assert_string_equal(text, "\rxvdc: 50 B of 100 B\r                   \r");
}

/* A line that is longer than the terminal is wide would go on in the next one, and be told again and again. */
static void keeps_to_the_line(void **state)
{
	char text[256];

	(void)state;
	tell_terminal(20, text);
	assert_string_equal(text, "\rxvdc: 50 B of 100 B\r                   \r");
	tell_terminal(19, text);
	assert_string_equal(text, "\rxvdc: 50 B of 100 \r                  \r");
	tell_terminal(8, text);
	assert_string_equal(text, "\rxvdc: 5\r       \r");
	tell_terminal(1, text);
	assert_string_equal(text, "\r");
}

/* Reads a marker of that text from a file. */
static int read_marker(const char *text, size_t length, struct scan_marker *marker,
		       struct error *err)
{
	char path[] = "/tmp/marker.XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	close(fd);
	result = scan_read_marker(path, marker, err);
	unlink(path);
	return result;
}

static void reads_markers(void **state)
{
	static char longest[SEARCH_MARKER_MAX + 2];
	struct scan_marker marker;
	struct error err;

	(void)state;
	assert_int_equal(read_marker("12345678\n", 9, &marker, &err), 0);
	assert_int_equal(marker.length, 8);
	assert_memory_equal(marker.bytes, "12345678", 8);
	assert_int_equal(read_marker("1234567\n\n", 9, &marker, &err), 0);
	assert_int_equal(marker.length, 8);
	assert_int_equal(read_marker("1234567\n", 8, &marker, &err), -1);
	assert_error_says(&err, "fewer than 8 bytes, or more than 4096");
	assert_int_equal(err.number, 0);
	assert_int_equal(read_marker("", 0, &marker, &err), -1);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(read_marker(longest, SEARCH_MARKER_MAX, &marker, &err), 0);
	assert_int_equal(read_marker(longest, SEARCH_MARKER_MAX + 1, &marker, &err), -1);
	longest[SEARCH_MARKER_MAX] = '\n';
	assert_int_equal(read_marker(longest, SEARCH_MARKER_MAX + 1, &marker, &err), 0);
	assert_int_equal(marker.length, SEARCH_MARKER_MAX);
	assert_int_equal(scan_read_marker("/nonexistent/marker", &marker, &err), -1);
	assert_error_says(&err, "cannot read the marker /nonexistent/marker: No such file");
	assert_true(err.number != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_at_every_border),
		cmocka_unit_test(counts_as_in_one_go),
		cmocka_unit_test(finds_nothing_in_halves),
		cmocka_unit_test(takes_the_longest_marker),
		cmocka_unit_test(tells_progress),
		cmocka_unit_test(is_quiet_without_a_terminal),
		cmocka_unit_test(speaks_on_a_terminal),
		cmocka_unit_test(keeps_to_the_line),
		cmocka_unit_test(reads_markers),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
