# SPDX-License-Identifier: GPL-2.0-or-later
# check-component runs the program itself against a real xenstored: tests/component/run.sh.
# TESTS="origin vbd" picks some of tests/component/*.test.sh.

component := $B/tests/component
component_parts = $(component)/xenstored-shim.so $(component)/dm-shim.so $(component)/blkback \
		  $B/tests/kill/kill-at $B/tests/fault/xen-ephemeral-block

.PHONY: check-component run-component component-parts

# None of the hardening of XE_CFLAGS that only a program can have.
component_cc = $(CC) -D_GNU_SOURCE -std=gnu11 -O1 -g -Wall -Wextra -Itests/component

$(component)/xenstored-shim.so: tests/component/xenstored-shim.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(component_cc) -fPIC -shared -o $@ $<

$(component)/dm-shim.so: tests/component/dm-shim.c tests/component/dm-device.c \
			 tests/component/events.c tests/component/dm-device.h tests/component/events.h
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(component_cc) -fPIC -shared -o $@ $(filter %.c,$^)

$(component)/blkback: tests/component/blkback.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(component_cc) -o $@ $< $$($(PKG_CONFIG) --libs xenstore)

$B/tests/kill/kill-at: tests/kill/kill-at.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(component_cc) -o $@ $<

component-parts: $(component_parts)

# Beside another lane everything takes longer. A limit is for what hangs.
component_patience = $(if $(or $(LAID),$(PATIENT)),PATIENCE=4)

# 77 is a tier that could not run: never in silence, and in CI a failure.
check-component: setup
	@$(MAKE) --no-print-directory run-component

run-component: all component-parts
	@$(component_patience) BUILD=$(abspath $B) tests/component/run.sh $(TESTS); status=$$?; \
	if [ $$status = 77 ] && [ "$$CI" = true ]; then \
		echo "check-component: could not run, which in CI is a failure"; exit 1; fi; \
	exit $$status
