# SPDX-License-Identifier: GPL-2.0-or-later
# check-unit builds one program from each tests/unit/test-*.c and runs them all.
# wraps_NAME: calls of test-NAME that go to __wrap_CALL in the test itself.

wraps_deadline = alarm
wraps_holder   = stat
wraps_key      = madvise mlock munmap registers_overwrite syscall
wraps_mapping  = ioctl open
wraps_parallel = pthread_create

unit_tests = $(patsubst tests/unit/test-%.c,$B/tests/unit/test-%,$(wildcard tests/unit/test-*.c))

.PHONY: check-unit run-unit
.SECONDARY: $(unit_tests:%=%.o)

# Only what a test uses of the operator's command is linked to it.
$B/command/library.a: $(filter-out %/main.o,$(command_objects))
	$(call quiet,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$B/initramfs/library.a: $(filter-out %/main.o,$(initramfs_objects))
	$(call quiet,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$B/tests/unit/test-%: $B/tests/unit/test-%.o $(objects) $B/command/library.a $B/initramfs/library.a
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(XE_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(patsubst %,-Wl$(comma)--wrap=%,$(wraps_$*)) \
		$$($(PKG_CONFIG) --libs $(COMMAND_PACKAGES) $(INITRAMFS_PACKAGES) cmocka)

$B/tests/unit/test-command.o $B/tests/unit/test-parallel.o $B/tests/unit/test-scan.o: XE_CPPFLAGS += -Icommand
$B/tests/unit/test-initramfs.o: XE_CPPFLAGS += -Iguest/initramfs

check-unit: setup
	@$(MAKE) --no-print-directory run-unit

run-unit: $(unit_tests)
	@failed=; for test in $^; do ./$$test || failed="$$failed $${test##*/}"; done; \
	if [ -n "$$failed" ]; then echo "check-unit: failed:$$failed"; exit 1; fi

comma := ,

-include $(wildcard $B/tests/unit/*.d)
