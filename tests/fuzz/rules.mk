# SPDX-License-Identifier: GPL-2.0-or-later
# check-fuzz runs every tests/fuzz/fuzz-*.c for a short while, from the seeds in tests/fuzz/corpus/.
#
#	make fuzz SECONDS=600 FUZZERS="role table"	longer; what it finds is kept in build/fuzz/corpus/
#
# libFuzzer is clang's, so the modules are built once more for it.

fuzz_packages = clang llvm

fuzz_names   = $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
fuzz_modules = $(filter-out command/main.c guest/initramfs/main.c,$(sources) $(command_sources) $(initramfs_sources))
fuzz_packages_c = $(COMMAND_PACKAGES) $(INITRAMFS_PACKAGES)

FUZZ_CC     ?= clang
FUZZ_CFLAGS ?= -O1 -g -fno-omit-frame-pointer
FUZZERS     ?= $(fuzz_names)

fuzz_cc = $(FUZZ_CC) $(XE_CPPFLAGS) -U_FORTIFY_SOURCE $(INITRAMFS_CPPFLAGS) -Icommand -Itests/fuzz \
	  $(FUZZ_CFLAGS) -std=gnu11 -Wall -Wextra -Wshadow -fsanitize=address,undefined \
	  -fno-sanitize-recover=all

.PHONY: check-fuzz fuzz fuzzers fuzz-setup
.SECONDARY: $(fuzz_names:%=$B/fuzz/tests/fuzz/fuzz-%.o)

$B/fuzz/%.o: %.c version
	@mkdir -p $(@D)
	$(call quiet,FUZZ,$@)$(fuzz_cc) -fsanitize=fuzzer-no-link -MMD -MP \
		$$($(PKG_CONFIG) --cflags $(fuzz_packages_c)) -c -o $@ $<

$B/fuzz/library.a: $(fuzz_modules:%.c=$B/fuzz/%.o)
	$(call quiet,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$B/fuzz/fuzz-%: $B/fuzz/tests/fuzz/fuzz-%.o $B/fuzz/library.a
	$(call quiet,LD,$@)$(fuzz_cc) -fsanitize=fuzzer -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(fuzz_packages_c))

fuzzers: $(fuzz_names:%=$B/fuzz/fuzz-%)

fuzz-setup: setup
	@tests/setup.sh $(fuzz_packages)

# In the soak ten minutes each, from all that was found before.
check-fuzz: fuzz-setup
	@$(MAKE) --no-print-directory -j2 fuzzers
	@tests/fuzz/run.sh $B/fuzz $(if $(SOAK),--keep --seconds 600,--seconds 30) $(FUZZERS)

fuzz: fuzz-setup
	@$(MAKE) --no-print-directory -j2 fuzzers
	@tests/fuzz/run.sh $B/fuzz --keep --seconds $(or $(SECONDS),600) $(FUZZERS)

-include $(wildcard $B/fuzz/*/*.d $B/fuzz/guest/initramfs/*.d $B/fuzz/tests/fuzz/*.d)
