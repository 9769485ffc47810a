/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded into Debian's own xenstored so that it runs without a hypervisor: stands for the calls of
 * Xen's libraries that need one. No domain is ever introduced, so all that is asked of them is to
 * succeed; every client comes by the socket and counts as domain 0.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

static char handle; /* no call looks into one */

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
				unsigned int flags)
{
	(void)logger, (void)dombuild_logger, (void)flags;
	return (void *)&handle;
}

int xc_interface_close(xc_interface *xch)
{
	(void)xch;
	return 0;
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max, xc_dominfo_t *info)
{
	(void)xch, (void)max;
	memset(info, 0, sizeof(*info));
	info->domid = first;
	return 1;
}

xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return (void *)&handle;
}

int xengnttab_close(xengnttab_handle *xgt)
{
	(void)xgt;
	return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
	(void)xgt, (void)domid, (void)ref, (void)prot;
	errno = ENOSYS;
	return NULL;
}

int xengnttab_unmap(xengnttab_handle *xgt, void *address, uint32_t count)
{
	(void)xgt, (void)address, (void)count;
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t count)
{
	(void)xgt, (void)count;
	return 0;
}

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return (void *)&handle;
}

xenevtchn_handle *xenevtchn_fdopen(xentoollog_logger *logger, int fd, unsigned int flags)
{
	(void)logger, (void)fd, (void)flags;
	return (void *)&handle;
}

/* Polled for ever, never readable: no event comes. */
int xenevtchn_fd(xenevtchn_handle *xce)
{
	static int fd = -1;

	(void)xce;
	if (fd < 0)
		fd = eventfd(0, EFD_CLOEXEC);
	return fd;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
	(void)xce, (void)virq;
	return 2;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t remote_port)
{
	(void)xce, (void)domid, (void)remote_port;
	return 1;
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce, (void)port;
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce, (void)port;
	return 0;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce, (void)port;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	(void)xce;
	errno = EAGAIN;
	return -1;
}

/* What xenfs would have: the port of domain 0's event channel, and its ring's page. */
static int open_xenfs(const char *path)
{
	int fd = memfd_create(path, MFD_CLOEXEC);
	int port = strstr(path, "xsd_port") != NULL;

	if (fd >= 0 && (port ? write(fd, "1", 1) != 1 || lseek(fd, 0, SEEK_SET) < 0
			     : ftruncate(fd, 4096) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
	mode_t mode = 0;
	va_list arguments;

	va_start(arguments, flags);
	if (flags & O_CREAT)
		mode = va_arg(arguments, mode_t);
	va_end(arguments);
	if (strncmp(path, "/proc/xen/xsd_", 14) == 0)
		return open_xenfs(path);
	return next(path, flags, mode);
}
