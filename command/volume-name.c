/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "volume-name.h"

int volume_name_read(const char *text, char name[MAPPING_NAME_MAX], struct error *err)
{
	if (!mapping_is_volume_name(text))
		return error_set(err, 0, text,
				 "a name has 1 to 95 letters, digits, '.', '_' and '-'",
				 "cannot use the volume's name");
	mapping_name_volume(text, name);
	return 0;
}

int volume_name_look(const char *name, struct mapping_state *state, struct error *err)
{
	if (mapping_look(name, state, err) < 0)
		return -1;
	if (state->exists && !state->ours)
		return error_set(err, 0, name, "it was made by another program",
				 "cannot touch the device");
	return 0;
}
