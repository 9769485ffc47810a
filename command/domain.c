/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <libxl.h>
#include <libxl_utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"
#include "domain.h"
#include "xen.h"

struct xen *xen_connect(struct error *err)
{
	static const char action[] = "cannot talk to Xen";
	struct xen *xen = calloc(1, sizeof(*xen));
	xentoollog_logger_stdiostream *logger;

	deadline_step("talking to Xen");
	if (xen == NULL) {
		error_set(err, errno, NULL, NULL, "%s", action);
		return NULL;
	}
	/* libxenlight would write lines of its own to stderr; what fails is told in one of ours. */
	logger = xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
	xen->logger = (struct xentoollog_logger *)logger;
	if (logger != NULL && libxl_ctx_alloc(&xen->ctx, LIBXL_VERSION, 0, xen->logger) == 0)
		xen->xs = xs_open(0);
	if (xen->xs != NULL)
		return xen;
	xen_close(xen);
	error_set(err, 0, NULL, "is this dom0 of a Xen host, and is xenstored running?", "%s",
		  action);
	return NULL;
}

void xen_close(struct xen *xen)
{
	if (xen == NULL)
		return;
	if (xen->xs != NULL)
		xs_close(xen->xs);
	if (xen->ctx != NULL)
		libxl_ctx_free(xen->ctx);
	if (xen->logger != NULL)
		xtl_logger_destroy(xen->logger);
	free(xen);
}

int domain_exists(struct xen *xen, uint32_t domid, struct error *err)
{
	libxl_dominfo info;
	int result;

	libxl_dominfo_init(&info);
	result = libxl_domain_info(xen->ctx, &info, domid);
	libxl_dominfo_dispose(&info);
	if (result == 0)
		return 1;
	if (result == ERROR_DOMAIN_NOTFOUND)
		return 0;
	return error_set(err, 0, NULL, "libxenlight does not say", "cannot look at domain %u",
			 domid);
}

int domain_find(struct xen *xen, const char *text, uint32_t *domid, struct error *err)
{
	bool known = false;
	int found;

	/* libxl cuts a number to 32 bits. */
	if (strlen(text) < 10 || strspn(text, "0123456789") != strlen(text))
		known = libxl_domain_qualifier_to_domid(xen->ctx, text, domid) == 0;
	if (known) {
		/* A number is taken for a domain's without a look. */
		found = domain_exists(xen, *domid, err);
		if (found != 0)
			return found < 0 ? -1 : 0;
	}
	return error_set(err, ENOENT, text, "xl list shows those that there are",
			 "cannot find domain");
}

bool domain_is_hvm(struct xen *xen, uint32_t domid)
{
	char path[48];
	unsigned int length;
	char *type;
	bool hvm;

	/* libxl_domain_info() says HVM of a PVH domain too; this is what libxl itself goes by
	 * (libxl_dom.c, libxl__domain_type). */
	snprintf(path, sizeof(path), "/libxl/%" PRIu32 "/type", domid);
	type = xs_read(xen->xs, XBT_NULL, path, &length);
	hvm = type == NULL || strcmp(type, "hvm") == 0;
	free(type);
	return hvm;
}

char *domain_name(struct xen *xen, uint32_t domid)
{
	return libxl_domid_to_name(xen->ctx, domid);
}

int domain_list(struct xen *xen, uint32_t **domids, struct error *err)
{
	int found = 0, kept = 0;
	uint32_t target;
	libxl_dominfo *list = libxl_list_domain(xen->ctx, &found);

	*domids = calloc((size_t)found + 1, sizeof(**domids));
	if (list == NULL || *domids == NULL) {
		libxl_dominfo_list_free(list, found);
		return error_set(err, 0, NULL, "libxenlight does not say",
				 "cannot list the domains");
	}
	for (int i = 0; i < found; i++)
		if (list[i].domid != 0 && !libxl_is_stubdom(xen->ctx, list[i].domid, &target))
			(*domids)[kept++] = list[i].domid;
	libxl_dominfo_list_free(list, found);
	return kept;
}

uint32_t domain_stubdomain(struct xen *xen, uint32_t domid)
{
	return (uint32_t)libxl_get_stubdom_id(xen->ctx, (int)domid);
}
