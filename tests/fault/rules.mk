# SPDX-License-Identifier: GPL-2.0-or-later
# The backend with each of its calls made to fail: fault.c between it and its libraries. The list of
# what is wrapped is read from fault.c, so that the two cannot differ.

fault_calls = $(shell tests/fault/calls.sh)

$B/tests/fault/fault.o: XE_CFLAGS := $(filter-out -Wconversion -Wmissing-declarations -Wshadow,$(XE_CFLAGS))

$B/tests/fault/xen-ephemeral-block: $B/backend/block.o $(objects) $B/tests/fault/fault.o
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(XE_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(patsubst %,-Wl$(comma)--wrap=%,$(fault_calls)) $$($(PKG_CONFIG) --libs $(PACKAGES))
