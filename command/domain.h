/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains, as libxenlight knows them. */
#ifndef XE_DOMAIN_H
#define XE_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

struct xen; /* a connection to libxenlight and xenstored */

/* Returns NULL where there is no Xen, no right to talk to it, or no xenstored. */
struct xen *xen_connect(struct error *err);

/* Safe with NULL. */
void xen_close(struct xen *xen);

/* Finds a domain by its name or number. Returns 0, or -1: there is none. */
int domain_find(struct xen *xen, const char *text, uint32_t *domid, struct error *err);

/* Returns 1 if the domain exists, be it dying, 0 if not, -1 on failure. */
int domain_exists(struct xen *xen, uint32_t domid, struct error *err);

/* Tells whether it is a domain that has a device model (HVM), by libxl's own record; true where there is
 * no record. */
bool domain_is_hvm(struct xen *xen, uint32_t domid);

/* Returns its name, owned by the caller, or NULL. */
char *domain_name(struct xen *xen, uint32_t domid);

/* Fills *domids (owned by the caller) with all domains but domain 0 and stubdomains, whose disks are
 * those of their guests. Returns how many, or -1. */
int domain_list(struct xen *xen, uint32_t **domids, struct error *err);

/* Returns the domain that runs the guest's device model, or 0: there is none. */
uint32_t domain_stubdomain(struct xen *xen, uint32_t domid);

#endif
