# SPDX-License-Identifier: GPL-2.0-or-later
# The unit and the component tier once more: under AddressSanitizer and UndefinedBehaviorSanitizer, and
# in valgrind, which also sees what is read before it was written.

valgrind_packages = valgrind libc6-dbg

sanitizer_cflags = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

# dm-shim.so is preloaded, so it comes before the sanitizer's library. A status of its own: a test that
# waits for a failure must not take a report for one.
sanitizer_env = ASAN_OPTIONS=verify_asan_link_order=0:exitcode=99:detect_stack_use_after_return=1 \
		UBSAN_OPTIONS=print_stacktrace=1:exitcode=99 LSAN_OPTIONS=exitcode=99

valgrind = valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
	   --errors-for-leak-kinds=definite

# What process.test.sh looks at (locked memory, descriptors, arguments) would be valgrind's own. The
# rest takes long, twenty attaches at once in volume.test.sh among it, and is left to the soak.
valgrind_component = $(if $(SOAK),blkback kill origin remove store stubdomain target vbd volume xenstored,remove target)

# No leak checker works under ptrace, which is what syscalls.test.sh kills with; kill.test.sh shows
# nothing more in check than the others do, and is left to the soak.
sanitizer_component = $(filter-out syscalls $(if $(SOAK),,kill),$(patsubst tests/component/%.test.sh,%,\
			$(wildcard tests/component/*.test.sh)))

.PHONY: check-sanitizers check-valgrind run-unit-valgrind

check-sanitizers: setup
	@$(sanitizer_env) $(MAKE) --no-print-directory B=$B/asan CFLAGS='$(sanitizer_cflags)' \
		CPPFLAGS='$(CPPFLAGS) -U_FORTIFY_SOURCE' run-unit
	@$(sanitizer_env) $(MAKE) --no-print-directory B=$B/asan CFLAGS='$(sanitizer_cflags)' \
		CPPFLAGS='$(CPPFLAGS) -U_FORTIFY_SOURCE' run-component \
		TESTS='$(or $(TESTS),$(sanitizer_component))'

run-unit-valgrind: $(unit_tests)
	@failed=; for test in $^; do \
		$(valgrind) ./$$test >$B/valgrind.log 2>&1 || { cat $B/valgrind.log; failed="$$failed $${test##*/}"; }; \
	done; \
	if [ -n "$$failed" ]; then echo "check-valgrind: failed:$$failed"; exit 1; fi; \
	echo "ok - valgrind: $(words $^) unit tests"

check-valgrind: setup
	@tests/setup.sh $(valgrind_packages)
	@$(MAKE) --no-print-directory run-unit-valgrind
	@VALGRIND=1 $(MAKE) --no-print-directory run-component TESTS='$(or $(TESTS),$(valgrind_component))'
