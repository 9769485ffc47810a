/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "addition.h"
#include "cleanup.h"
#include "whole.h"

#define FILE_MAX (1u << 20)

static const char *const sources[STOCK_NAMES] = {
	[STOCK_INIT] = "qubes-init",
	[STOCK_DISKS] = "ephemeral-disks.sh",
	[STOCK_STEPS] = "qubes-steps.sh",
};

static int read_source(int dir, enum stock_name name, struct bytes *bytes, struct error *err)
{
	cleanup_fd int fd = openat(dir, sources[name], O_RDONLY | O_CLOEXEC | O_NOCTTY);

	bytes->limit = FILE_MAX;
	if (fd < 0)
		return error_set(err, errno, sources[name], NULL, "cannot open our own file");
	if (whole_read(fd, bytes, err) < 0)
		return -1;
	if (bytes->length == 0)
		return error_set(err, 0, sources[name], "it is empty", "cannot use our own file");
	return 0;
}

int addition_read(const char *share, struct addition *addition, struct error *err)
{
	cleanup_fd int dir = open(share, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct bytes *init = &addition->files[STOCK_INIT];

	memset(addition, 0, sizeof(*addition));
	if (dir < 0)
		return error_set(err, errno, share, NULL, "cannot open the folder of our files");
	for (size_t i = 0; i < STOCK_NAMES; i++)
		if (sources[i] != NULL && read_source(dir, i, &addition->files[i], err) < 0)
			return -1;
	/* The kernel runs it, and a guest that cannot run its /init panics. */
	if (init->length < 3 || memcmp(init->data, "#!/", 3) != 0)
		return error_set(err, 0, sources[STOCK_INIT], "it does not begin with #!/",
				 "cannot use our own file");
	return 0;
}

bool addition_is_in(const struct addition *addition, const struct stock *stock)
{
	for (size_t i = 0; i < STOCK_NAMES; i++)
		if (sources[i] != NULL &&
		    (!S_ISREG(stock->files[i].mode) ||
		     !bytes_equal(&addition->files[i], &stock->files[i].body)))
			return false;
	return true;
}

void addition_free(struct addition *addition)
{
	for (size_t i = 0; i < STOCK_NAMES; i++)
		bytes_free(&addition->files[i]);
}
