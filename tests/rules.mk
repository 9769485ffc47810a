# SPDX-License-Identifier: GPL-2.0-or-later
# What is laid over the emulated hosts, and the tiers that run in them.

.PHONY: overlay check-vm check-xen

$B/tests/vm/tool: tests/vm/tool.c $(objects)
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) $$($(PKG_CONFIG) --cflags $(PACKAGES)) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(PACKAGES))

# Made anew each time: it is a copy of a few small files.
overlay: all $B/tests/vm/tool
	@rm -rf $B/overlay $B/guest
	@$(MAKE) -s install DESTDIR=$(abspath $B/overlay) PREFIX=/usr SYSCONFDIR=/etc >/dev/null
	@install -D -t $B/overlay/usr/lib/xen-ephemeral-tests $B/tests/vm/tool guest/demo-init
	@install -D -m 644 -t $B/overlay/tests tests/lib-disks.sh
	@install -D -m 755 guest/init $B/guest/init
	@install -D -m 644 -t $B/guest/usr/lib/xen-ephemeral guest/ephemeral-disks.sh

# TESTS="a.sh b.sh" picks some.
check-vm: overlay
	tests/host/run.sh vm --overlay $B/overlay $(or $(TESTS),$(sort $(wildcard tests/vm/*.sh)))

check-xen: overlay
	tests/host/run.sh xen --limit 1500 --overlay $B/overlay --guest $B/guest \
		$(or $(TESTS),$(sort $(wildcard tests/xen/*.sh)))
