/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What xl has no command for:
 *
 *	domain soft-reset DOMID   shuts a domain down for a soft reset, as a guest that starts a new
 *	                          kernel by kexec asks for it; its xl then does the reset
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>

static int soft_reset(uint32_t domid)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	int result;

	if (xc == NULL)
		return -1;
	result = xc_domain_shutdown(xc, domid, SHUTDOWN_soft_reset);
	xc_interface_close(xc);
	return result;
}

int main(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], "soft-reset") != 0) {
		fprintf(stderr, "usage: domain soft-reset DOMID\n");
		return 2;
	}
	if (soft_reset((uint32_t)strtoul(argv[2], NULL, 10)) < 0) {
		perror("domain: cannot shut the domain down");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
