/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD for `xl create`: the new domain gets the domid in CHOSEN_DOMID. Xen takes a wish
 * (XEN_DOMCTL_createdomain, xen/common/domctl.c); only xl has no word for it, and without one the
 * same domid comes again after 32,751 others.
 */
#include <dlfcn.h>
#include <stdlib.h>

#include <xenctrl.h>

int xc_domain_create(xc_interface *xch, uint32_t *domid, struct xen_domctl_createdomain *config)
{
	int (*create)(xc_interface *, uint32_t *, struct xen_domctl_createdomain *);
	const char *chosen = getenv("CHOSEN_DOMID");

	*(void **)&create = dlsym(RTLD_NEXT, "xc_domain_create");
	if (chosen != NULL)
		*domid = (uint32_t)strtoul(chosen, NULL, 10);
	return create(xch, domid, config);
}
