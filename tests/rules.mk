# SPDX-License-Identifier: GPL-2.0-or-later
# The tiers, each alone and all together; the demo; the bench. What needs an installed package gets it
# before anything is built: `make check` on a fresh machine has no compiler yet.

.PHONY: setup check check-unit check-command check-component check-guest check-vm check-xen demo lint
.PHONY: bench bench-check bench-attach bench-guest
.PHONY: check-docs tour overlay overlay-python overlay-qubes overlay-guests overlays soak check-guests check-memory
.PHONY: check-initramfs check-packages

build_packages = gcc libc6-dev pkg-config libxen-dev libgcrypt20-dev libjson-c-dev libcmocka-dev \
		 libarchive-dev zlib1g-dev liblzma-dev libzstd-dev liblz4-dev libext2fs-dev comerr-dev \
		 busybox-static fdisk
packages_packages = $(build_depends) lintian rpm rpmlint git mmdebstrap busybox-static
initramfs_packages = cpio gzip xz-utils zstd lz4 bzip2 e2fsprogs mandoc python3-minimal
docs_packages  = mandoc gettext bsdextrautils libxml2-utils
lint_packages  = clang-format clang-tidy cppcheck shellcheck

setup:
	@tests/setup.sh $(build_packages)

# Quickest first, so that what is wrong is soon told. Then two lanes that take about as long as each other; all that
# both need is made before, and LAID=1 says so. Loop devices of this machine are counted in one lane only.
first_lane  = xen vm memory initramfs
second_lane = guests packages qubes component model fuzz sanitizers valgrind

check: setup
	$(MAKE) --no-print-directory check-unit
	$(MAKE) --no-print-directory check-command
	$(MAKE) --no-print-directory check-docs
	$(MAKE) --no-print-directory check-guest
	$(MAKE) --no-print-directory overlays
	LAID=1 LANES_MAKE='$(MAKE)' tests/lanes.sh "$(first_lane)" "$(second_lane)"
	@echo "check: every tier passed"

# The same, with what takes longer: whole kill tests, more rounds, fuzzers for ten minutes each.
soak:
	$(MAKE) --no-print-directory SOAK=1 check

include tests/unit/rules.mk tests/component/rules.mk tests/fault/rules.mk tests/model/rules.mk \
	tests/fuzz/rules.mk tests/qubes/rules.mk tests/sanitizers.mk

check-command: setup
	@tests/setup.sh mandoc python3 gnuplot-nox
	@$(MAKE) --no-print-directory -s all
	tests/command/run.sh $B/xen-ephemeral
	tests/bench/report.test.sh

check-docs: setup
	@tests/setup.sh $(docs_packages)
	@$(MAKE) --no-print-directory -s all
	tests/docs/run.sh

check-guest: | setup
	@tests/setup.sh systemd cpio e2fsprogs
	sh tests/guest/run.sh
	@$(MAKE) --no-print-directory -s all
	tests/hooks/run.sh $B

check-initramfs: setup
	@tests/setup.sh $(initramfs_packages)
	@$(MAKE) --no-print-directory -s all $B/tests/kill/kill-at
	tests/initramfs/run.sh $B $(TESTS)

# The packages for the emulated hosts are one of two builds that must be the same.
check-packages: setup
	@tests/setup.sh $(packages_packages)
	@$(MAKE) --no-print-directory -s all $B/packages/made
	tests/packages/run.sh $B $(TESTS)

$B/tests/vm/tool: tests/vm/tool.c $(objects) $B/command/library.a
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) -Icommand $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) $$($(PKG_CONFIG) --cflags $(COMMAND_PACKAGES)) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(COMMAND_PACKAGES))

$B/tests/bench/disks: tests/bench/disks.c $(objects)
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) $$($(PKG_CONFIG) --cflags $(PACKAGES)) -o $@ $^ $$($(PKG_CONFIG) --libs $(PACKAGES))

$B/tests/bench/peak: tests/bench/peak.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) -o $@ $<

# Static: what the dynamic linker does can be done without.
$B/tests/bench/floor: tests/bench/floor.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(filter-out -fPIE,$(XE_CFLAGS)) $(CFLAGS) $(LDFLAGS) -static -o $@ $<

$B/tests/xen/domain: tests/xen/domain.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) -o $@ $< $$($(PKG_CONFIG) --cflags --libs xencontrol)

$B/tests/xen/vbds: tests/xen/vbds.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) -o $@ $< $$($(PKG_CONFIG) --cflags --libs xenstore)

# What a test preloads into xl or into the backend.
$B/tests/xen/%.so: tests/xen/%.c
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) -fPIC $(CFLAGS) \
		$(LDFLAGS) -shared -o $@ $< $$($(PKG_CONFIG) --cflags xencontrol)

memory = $B/tests/memory
memory_tools = $(addprefix $(memory)/,pieces condense match)

test_programs = $B/tests/vm/tool $B/tests/bench/peak $B/tests/xen/domain $B/tests/xen/vbds \
		$B/tests/xen/chosen-domid.so $B/tests/xen/slow-clock.so $B/tests/kill/kill-at \
		$(memory)/pieces

# What is laid over the emulated hosts: dom0's package, which they install when they boot, and the test programs.
# INSTALLED=1 takes the package that is installed on this machine. Made anew each time: it is a copy of a few small files.
overlay: $(if $(INSTALLED),,$B/packages/made) | setup
	@$(MAKE) -s all $(test_programs)
	@rm -rf $B/overlay $B/guest
	$(if $(INSTALLED),@tests/setup.sh dpkg-repack)
	@tests/overlay.sh $B/overlay $(if $(INSTALLED),,$B/packages)
	@install -D -t $B/overlay/usr/lib/xen-ephemeral-tests $(test_programs) guest/demo-init
	@install -D -m 644 -t $B/overlay/tests tests/lib-disks.sh tests/lib-initramfs.sh
	@install -D -m 755 guest/init $B/guest/init
	@install -D -m 644 -t $B/guest/usr/lib/xen-ephemeral guest/ephemeral-disks.sh

host = tests/host/run.sh
# What runs longer in the soak sees SOAK=1 inside.
soak_options = $(if $(SOAK),--env SOAK=1 --limit 14400)
# Beside another lane a guest's boot has taken four times as long. A limit is for what hangs.
patience = $(if $(or $(LAID),$(PATIENT)),--env PATIENCE=4)
short_limit = $(if $(patience),3600,1800)
xen  = $(host) xen $(patience) --overlay $B/overlay --guest $B/guest

# TESTS="a.sh b.sh" picks some.
check-vm: $(if $(LAID),,overlay overlay-python)
	$(host) vm --python $(patience) $(or $(soak_options),--limit $(short_limit)) --overlay $B/overlay \
		$(or $(TESTS),$(sort $(wildcard tests/vm/*.sh)))

# The driver, and the Qubes that stands in for the real one.
overlay-python: overlay
	@mkdir -p $B/overlay/usr/lib/xen-ephemeral-tests/qubes
	@cp -r qubes/qubesephemeral tests/qubes/standin/qubes tests/qubes/drive.py tests/qubes/prepared.py $B/overlay/usr/lib/xen-ephemeral-tests/qubes/

# A kernel of the Qubes kind, stock, and the same made ready.
$B/qubes/stock/initramfs: tests/guests-qubes/build.sh $(wildcard tests/guests-qubes/dracut/*/*)
	@tests/guests-qubes/build.sh $(@D)
overlay-qubes: overlay $B/qubes/stock/initramfs
	@rm -rf $B/qubes/prepared
	@$B/xen-ephemeral-initramfs prepare stock --output prepared --root $(abspath $B/qubes) --share $(abspath guest)
	@install -D -m 644 $B/qubes/stock/initramfs $B/overlay/guest/qubes/stock
	@install -D -m 644 $B/qubes/prepared/initramfs $B/overlay/guest/qubes/prepared

# What a distribution's makers of an initramfs make with our module, and a whole system for a disk.
guests = $(addprefix $B/guests/,dracut.img dracut-sh.img tools.img)
$B/guests/made: $(shell find guest/dracut guest/initramfs-tools tests/guests -type f) guest/ephemeral-disks.sh guest/ephemeral-hook.sh
	tests/guests/initramfs.sh $(@D) && touch $@
$B/guests/systemd.img: $(shell find tests/guests -type f)
	@mkdir -p $(@D)
	tests/guests/root.sh $@
overlay-guests: overlay $B/guests/made $B/guests/systemd.img
	@install -D -m 644 -t $B/overlay/guest $(guests)

# The host's own system is what a driver domain boots.
overlays: overlay overlay-python overlay-qubes overlay-guests $(memory_tools)
	@install -D -m 644 "$$(tests/host/build.sh)/base.cpio.zst" $B/overlay/guest/host.cpio.zst
	@tests/host/hvm.sh >/dev/null
	@tests/host/python.sh >/dev/null
	@tests/setup.sh aeskeyfind

# What boots an initramfs that is not the demo's.
guest_tests = $(sort $(wildcard tests/xen/1[5-9]-*.sh))

check-guests: $(if $(LAID),,overlays)
	$(xen) --name guests --hvm --disk $B/guests/systemd.img $(or $(soak_options),--limit 4800) \
		$(or $(TESTS),$(guest_tests))

check-xen: $(if $(LAID),,overlays)
	$(xen) $(or $(soak_options),--limit 4800) \
		$(or $(TESTS),$(filter-out $(guest_tests),$(sort $(wildcard tests/xen/*.sh))))

$(memory)/%: tests/memory/%.c tests/memory/whole-file.h
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) $(XE_LDFLAGS) \
		$(LDFLAGS) -o $@ $< $$($(PKG_CONFIG) --libs libgcrypt)

# Dumps of a machine of 1700 MiB are quick to make and to search.
check-memory: $(if $(LAID),,overlays)
	MEMORY_TOOLS=$(abspath $(memory)) $(xen) --name memory --memory 1700M \
		--xen "dom0_mem=800M dom0_max_vcpus=1" --dump tests/memory/scan.sh --limit $(short_limit) \
		$(or $(TESTS),tests/memory/deaths.sh)

# Shown on whatever machine, busy or not.
demo tour: PATIENT = 1
demo: overlay
	@$(xen) --name demo --script tests/demo/demo.sh

# make tour >docs/tour.md
tour: overlay
	@$(xen) --name tour --script tests/demo/tour.sh

# GROUPS="attach erase" picks some, ROUNDS=7. bench-check is bench, and fails when a target is missed. The group guest is
# not among them by itself, since it wants an initramfs of the Qubes kind.
bench_groups = $(or $(GROUPS),attach erase start scaling blkback throughput)

bench_programs = $(addprefix $B/tests/,bench/floor bench/disks bench/peak xen/vbds xen/slow-clock.so)

bench bench-check: overlay $(if $(filter guest,$(bench_groups)),overlay-qubes) $(bench_programs)
	@tests/setup.sh python3 gnuplot-nox
	@tests/bench/overlay.sh $B/overlay $(bench_programs)
	@CHECK=$(if $(filter bench-check,$@),1) ROUNDS=$(ROUNDS) \
		tests/bench/run.sh $B/bench $(bench_groups) -- --overlay $B/overlay --guest $B/guest

# For a dom0 of one's own (BENCHMARKING.md).
$B/bench.tar: $(bench_programs) $(wildcard tests/bench/* tests/host/*.sh tests/lib-disks.sh)
	@rm -rf $B/bench-dom0
	@tests/bench/overlay.sh $B/bench-dom0 $(bench_programs)
	@tar --owner=0 --group=0 -C $B/bench-dom0 -cf $@ $$(cd $B/bench-dom0 && find . -type f)

bench-attach:
	@$(MAKE) --no-print-directory bench GROUPS=attach

bench-guest:
	@$(MAKE) --no-print-directory bench-check GROUPS=guest

c_files     = $(wildcard backend/*.[ch] command/*.[ch] guest/*/*.[ch] udev/*.c include/*.h tests/*/*.[ch])
shell_files = $(shell grep -rlIE --exclude='*.md' '^(\#!/bin/(ba)?sh|\# shellcheck shell)' guest tests completion xen-hotplug-scripts docs/pictures packaging debian .ci)

lint: | setup
	@tests/setup.sh $(lint_packages)
	clang-format --dry-run --Werror $(c_files)
	shellcheck -x -S style $(filter-out tests/%,$(shell_files))
	shellcheck -x -S warning -e SC2034,SC2154 $(filter tests/%,$(shell_files))
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
		-Iinclude -Ibackend -Icommand -Iguest/initramfs backend command guest/initramfs udev
	clang-tidy --quiet --warnings-as-errors='*' $(wildcard backend/*.c command/*.c udev/*.c) -- $(XE_CPPFLAGS) -Icommand -DXE_VERSION=\"0\" \
		-std=gnu11 $$($(PKG_CONFIG) --cflags $(COMMAND_PACKAGES))
	clang-tidy --quiet --warnings-as-errors='*' $(initramfs_sources) -- $(XE_CPPFLAGS) $(INITRAMFS_CPPFLAGS) \
		-std=gnu11 $$($(PKG_CONFIG) --cflags $(INITRAMFS_PACKAGES))
	$(MAKE) --no-print-directory lint-qubes
	tests/sizes.sh $(wildcard backend/*.c command/*.c udev/*.c) $(initramfs_sources)
	$(MAKE) --no-print-directory B=$B/analyzer CFLAGS='-O2 -fanalyzer -Werror' all
