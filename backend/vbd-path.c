/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "vbd.h"

#define VBD_DIR "backend/vbd/"

/* Reads one decimal number of 32 bits at *text that ends with `end`; leaves *text behind that. */
static bool read_number(const char **text, char end, uint32_t *number)
{
	size_t digits = strspn(*text, "0123456789");
	uint64_t value = 0;

	/* "07" would be another name for the same disk. */
	if (digits == 0 || digits > 10 || ((*text)[0] == '0' && digits > 1) ||
	    (*text)[digits] != end)
		return false;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (uint64_t)((*text)[i] - '0');
	*number = (uint32_t)value;
	*text += digits + (end != '\0');
	return value <= UINT32_MAX;
}

int vbd_parse_path(const char *path, struct vbd *vbd, struct error *err)
{
	static const char form[] = "not backend/vbd/<domid>/<devid>";
	const char *rest;

	memset(vbd, 0, sizeof(*vbd));
	if (path == NULL)
		return error_set(err, 0, NULL, "it is not set; Xen's toolstack sets it",
				 "cannot use XENBUS_PATH");
	if (strncmp(path, VBD_DIR, strlen(VBD_DIR)) != 0)
		return error_set(err, 0, path, form, "cannot use XENBUS_PATH");
	rest = path + strlen(VBD_DIR);
	if (!read_number(&rest, '/', &vbd->domid) || !read_number(&rest, '\0', &vbd->devid))
		return error_set(err, 0, path, form, "cannot use XENBUS_PATH");
	vbd->owner = vbd->domid;
	snprintf(vbd->path, sizeof(vbd->path), "%s", path);
	return 0;
}
