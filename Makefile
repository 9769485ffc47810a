# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            builds into build/
# make demo       a disposable domain on an emulated Xen host, shown from start to end
# make tour       the same as a page for docs/, with what the commands really print
# make check      every test; the tiers alone: check-unit check-command check-docs check-guest check-packages
#                 check-initramfs check-qubes check-component check-model check-fuzz check-sanitizers
#                 check-valgrind check-vm check-xen check-guests check-memory
# make soak       the same with what takes hours
# make fuzz       the parsers under libFuzzer: SECONDS=600 FUZZERS="role table"
# make lint       formatting, static analysis, shellcheck
# make install-qubes  into dom0 of Qubes OS, beside install: qvm-ephemeral, the pool driver, the extension
# make bench          what it costs, beside Xen's own script, cryptsetup and a floor: GROUPS="attach erase" ROUNDS=7
# make bench-check    the same, and fails when a target is missed
# make bench-guest    what a guest's boot costs, beside a stock initramfs of the Qubes kind
#
# make deb        Debian's packages, into build/deb/
# make rpm        Fedora's packages, into build/rpm/
# make dist       the release's tarball, into build/dist/
#
# demo, check, lint, bench, deb, rpm and dist install what they need (Debian, as root) or say what to install.

PREFIX     ?= /usr
SYSCONFDIR ?= /etc
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec/xen-ephemeral
DATADIR    ?= $(PREFIX)/share/xen-ephemeral
PYTHONDIR  ?= $(DATADIR)/python
STATEDIR   ?= /var/lib/xen-ephemeral
KERNELS    ?= /var/lib/qubes/vm-kernels
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/xen-ephemeral
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR    ?= $(PREFIX)/lib/systemd/system
UDEVRULESDIR ?= $(PREFIX)/lib/udev/rules.d
KERNELINSTALLDIR ?= $(PREFIX)/lib/kernel/install.d
DRACUTDIR  ?= $(PREFIX)/lib/dracut/modules.d
INITRAMFSTOOLSDIR ?= $(PREFIX)/share/initramfs-tools
XENSCRIPTS ?= $(SYSCONFDIR)/xen/scripts
DESTDIR    ?=
PKG_CONFIG ?= pkg-config
CC         ?= cc
CFLAGS     ?= -O2 -g
LDFLAGS    ?=
B          ?= build

VERSION  := $(shell cat version)
PACKAGES := xenstore
# The operator's command alone asks libxenlight and prints JSON.
COMMAND_PACKAGES := $(PACKAGES) xenlight xentoollog json-c
# What prepares an initramfs has no part in attaching disks, and needs nothing of Xen.
INITRAMFS_PACKAGES := libarchive zlib liblzma libzstd liblz4 ext2fs com_err libgcrypt

XE_CPPFLAGS = -D_GNU_SOURCE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -Iinclude -Ibackend
XE_CFLAGS   = -std=gnu11 -Wall -Wextra -Wformat=2 -Wstrict-prototypes -Wmissing-declarations \
	      -Wvla -Wshadow -Wconversion -fstack-protector-strong -fPIE
XE_LDFLAGS  = -pie -pthread -Wl,-z,relro -Wl,-z,now -Wl,--as-needed

INITRAMFS_CPPFLAGS = -Iguest/initramfs -DXE_VERSION='"$(VERSION)"' -DXE_KERNELS='"$(KERNELS)"' \
		     -DXE_SHARE='"$(DATADIR)/guest"'

ifneq ($(V),1)
quiet = @echo "  $(1)	$(2)";
endif

sources = $(filter-out backend/block.c,$(sort $(wildcard backend/*.c)))
objects = $(sources:%.c=$B/%.o)

.DELETE_ON_ERROR:
.PHONY: all install install-guest install-qubes uninstall uninstall-guest uninstall-qubes clean

command_sources = $(sort $(wildcard command/*.c))
command_objects = $(command_sources:%.c=$B/%.o)

initramfs_sources = $(sort $(wildcard guest/initramfs/*.c))
# Not below $B/guest, which is what the emulated hosts' guests are laid out of.
initramfs_objects = $(initramfs_sources:guest/%.c=$B/%.o)

all: $B/xen-ephemeral-block $B/block-ephemeral $B/xen-ephemeral $B/xen-ephemeral-initramfs $B/xen-ephemeral-kernels.service \
	$B/loop-is-ours $B/09-xen-ephemeral.rules

$B/initramfs/%.o: guest/initramfs/%.c version
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(CC) $(XE_CPPFLAGS) $(INITRAMFS_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) \
		$(CFLAGS) -MMD -MP $$($(PKG_CONFIG) --cflags $(INITRAMFS_PACKAGES)) -c -o $@ $<

$B/command/%.o: command/%.c version
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(CC) $(XE_CPPFLAGS) -Icommand -DXE_VERSION='"$(VERSION)"' $(CPPFLAGS) \
		$(XE_CFLAGS) $(CFLAGS) -MMD -MP $$($(PKG_CONFIG) --cflags $(COMMAND_PACKAGES)) -c -o $@ $<

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(CC) $(XE_CPPFLAGS) $(CPPFLAGS) $(XE_CFLAGS) $(CFLAGS) -MMD -MP \
		$$($(PKG_CONFIG) --cflags $(PACKAGES)) -c -o $@ $<

$B/xen-ephemeral-block: $B/backend/block.o $(objects)
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(XE_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(PACKAGES))

$B/xen-ephemeral: $(command_objects) $(filter-out $B/backend/add.o $B/backend/remove.o,$(objects))
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(XE_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(COMMAND_PACKAGES))

$B/xen-ephemeral-initramfs: $(initramfs_objects) $B/backend/error.o
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(XE_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(INITRAMFS_PACKAGES))

$B/loop-is-ours: $B/udev/loop-is-ours.o $B/backend/loop.o $B/backend/error.o
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(XE_LDFLAGS) $(LDFLAGS) -o $@ $^

$B/%.rules: udev/%.rules.in Makefile
	@mkdir -p $(@D)
	$(call quiet,SED,$@)sed 's|@libexecdir@|$(LIBEXECDIR)|' $< >$@

$B/block-ephemeral: xen-hotplug-scripts/block-ephemeral.in Makefile
	@mkdir -p $(@D)
	$(call quiet,SED,$@)sed 's|@libexecdir@|$(LIBEXECDIR)|' $< >$@ && chmod 755 $@

$B/%.service: guest/hooks/%.service.in Makefile
	@mkdir -p $(@D)
	$(call quiet,SED,$@)sed 's|@libexecdir@|$(LIBEXECDIR)|' $< >$@

# For a domain's own system. Each maker of an initramfs finds its own copy of the step.
step = guest/ephemeral-disks.sh
hook_step = $(step) guest/ephemeral-hook.sh
dracut_module = $(DRACUTDIR)/90xen-ephemeral
tools_scripts = $(INITRAMFSTOOLSDIR)/scripts

install-guest:
	install -v -d "$(DESTDIR)$(dracut_module)" "$(DESTDIR)$(INITRAMFSTOOLSDIR)/hooks" \
		"$(DESTDIR)$(tools_scripts)/init-premount" "$(DESTDIR)$(tools_scripts)/local-bottom" \
		"$(DESTDIR)$(tools_scripts)/xen-ephemeral" "$(DESTDIR)$(SYSCONFDIR)/qubes/post-install.d" \
		"$(DESTDIR)$(LIBEXECDIR)"
	install -v -m 755 guest/hooks/30-xen-ephemeral.sh "$(DESTDIR)$(LIBEXECDIR)/30-xen-ephemeral.sh"
	ln -sf "$(LIBEXECDIR)/30-xen-ephemeral.sh" "$(DESTDIR)$(SYSCONFDIR)/qubes/post-install.d/30-xen-ephemeral.sh"
	install -v -m 755 guest/dracut/90xen-ephemeral/*.sh "$(DESTDIR)$(dracut_module)"
	install -v -m 644 guest/dracut/90xen-ephemeral/*.conf $(hook_step) "$(DESTDIR)$(dracut_module)"
	install -v -m 755 guest/initramfs-tools/hooks/xen-ephemeral "$(DESTDIR)$(INITRAMFSTOOLSDIR)/hooks"
	install -v -m 755 guest/initramfs-tools/scripts/init-premount/xen-ephemeral \
		"$(DESTDIR)$(tools_scripts)/init-premount"
	install -v -m 755 guest/initramfs-tools/scripts/local-bottom/xen-ephemeral \
		"$(DESTDIR)$(tools_scripts)/local-bottom"
	install -v -m 644 $(hook_step) "$(DESTDIR)$(tools_scripts)/xen-ephemeral"

# Below /etc are links alone: a file there would be a configuration, which dpkg leaves behind.
install: all
	install -v -d "$(DESTDIR)$(LIBEXECDIR)" "$(DESTDIR)$(XENSCRIPTS)" "$(DESTDIR)$(DATADIR)/guest" \
		"$(DESTDIR)$(SBINDIR)"
	install -v -d -m 700 "$(DESTDIR)$(STATEDIR)"
	install -v -m 755 $B/xen-ephemeral-block "$(DESTDIR)$(LIBEXECDIR)/xen-ephemeral-block"
	install -v -m 755 $B/block-ephemeral "$(DESTDIR)$(LIBEXECDIR)/block-ephemeral"
	ln -sf "$(LIBEXECDIR)/block-ephemeral" "$(DESTDIR)$(XENSCRIPTS)/block-ephemeral"
	install -v -m 755 $B/xen-ephemeral "$(DESTDIR)$(SBINDIR)/xen-ephemeral"
	install -v -d "$(DESTDIR)$(MANDIR)/man7" "$(DESTDIR)$(MANDIR)/man8" "$(DESTDIR)$(COMPLETIONDIR)"
	install -v -m 644 docs/xen-ephemeral.7 "$(DESTDIR)$(MANDIR)/man7"
	install -v -m 644 command/xen-ephemeral.8 xen-hotplug-scripts/block-ephemeral.8 "$(DESTDIR)$(MANDIR)/man8"
	install -v -d "$(DESTDIR)$(DOCDIR)/examples"
	install -v -m 644 docs/examples/disp.cfg "$(DESTDIR)$(DOCDIR)/examples"
	install -v -m 644 completion/xen-ephemeral "$(DESTDIR)$(COMPLETIONDIR)/xen-ephemeral"
	install -v -m 755 $B/xen-ephemeral-initramfs "$(DESTDIR)$(SBINDIR)/xen-ephemeral-initramfs"
	install -v -m 644 guest/initramfs/xen-ephemeral-initramfs.8 \
		"$(DESTDIR)$(MANDIR)/man8/xen-ephemeral-initramfs.8"
	install -v -m 644 completion/xen-ephemeral-initramfs \
		"$(DESTDIR)$(COMPLETIONDIR)/xen-ephemeral-initramfs"
	install -v -m 644 $(step) guest/qubes-steps.sh "$(DESTDIR)$(DATADIR)/guest"
	install -v -m 755 guest/qubes-init "$(DESTDIR)$(DATADIR)/guest/qubes-init"
	install -v -m 755 guest/hooks/prepare-kernels "$(DESTDIR)$(LIBEXECDIR)/prepare-kernels"
	install -v -m 755 guest/hooks/prepared-kernels "$(DESTDIR)$(LIBEXECDIR)/prepared-kernels"
	install -v -d "$(DESTDIR)$(UNITDIR)" "$(DESTDIR)$(KERNELINSTALLDIR)"
	install -v -m 644 guest/hooks/xen-ephemeral-kernels.path $B/xen-ephemeral-kernels.service "$(DESTDIR)$(UNITDIR)"
	install -v -m 755 guest/hooks/50-xen-ephemeral.install "$(DESTDIR)$(KERNELINSTALLDIR)"
	install -v -d "$(DESTDIR)$(UDEVRULESDIR)"
	install -v -m 644 $B/09-xen-ephemeral.rules "$(DESTDIR)$(UDEVRULESDIR)"
	install -v -m 755 $B/loop-is-ours "$(DESTDIR)$(LIBEXECDIR)"

# For dom0 of Qubes OS. No folder of a Python version: qubesd finds it by its unit's environment.
dist_info = $(PYTHONDIR)/xen_ephemeral_qubes-$(VERSION).dist-info

$B/dom0/%: qubes/%.in Makefile version
	@mkdir -p $(@D)
	$(call quiet,SED,$@)sed -e 's|@pythondir@|$(PYTHONDIR)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

install-qubes: $B/dom0/qvm-ephemeral $B/dom0/50-xen-ephemeral.conf $B/dom0/METADATA
	rm -rf "$(DESTDIR)$(PYTHONDIR)"/xen_ephemeral_qubes-*.dist-info
	install -v -d "$(DESTDIR)$(PYTHONDIR)/qubesephemeral" "$(DESTDIR)$(PYTHONDIR)/qubesephemeral_client" \
		"$(DESTDIR)$(dist_info)" "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(LIBEXECDIR)" \
		"$(DESTDIR)$(UNITDIR)/qubesd.service.d" "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(COMPLETIONDIR)"
	install -v -m 644 qubes/qubesephemeral/*.py "$(DESTDIR)$(PYTHONDIR)/qubesephemeral"
	install -v -m 644 qubes/qubesephemeral_client/*.py "$(DESTDIR)$(PYTHONDIR)/qubesephemeral_client"
	install -v -m 644 $B/dom0/METADATA qubes/entry_points.txt "$(DESTDIR)$(dist_info)"
	install -v -m 755 $B/dom0/qvm-ephemeral "$(DESTDIR)$(BINDIR)/qvm-ephemeral"
	install -v -m 755 qubes/pool-guard "$(DESTDIR)$(LIBEXECDIR)/pool-guard"
	install -v -m 644 $B/dom0/50-xen-ephemeral.conf "$(DESTDIR)$(UNITDIR)/qubesd.service.d"
	install -v -m 644 qubes/qvm-ephemeral.1 "$(DESTDIR)$(MANDIR)/man1"
	install -v -m 644 completion/qvm-ephemeral "$(DESTDIR)$(COMPLETIONDIR)"

# rmdir_empty FOLDER...: what is not ours in a folder keeps it.
rmdir_empty = @for folder in $(1); do \
		[ ! -d "$(DESTDIR)$$folder" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$folder" || :; \
	done

# Not while this dom0 needs it: qubesd would not start.
uninstall-qubes:
	@[ -n "$(DESTDIR)" ] || qubes/pool-guard
	rm -rfv "$(DESTDIR)$(PYTHONDIR)"
	rm -fv "$(DESTDIR)$(BINDIR)/qvm-ephemeral" "$(DESTDIR)$(LIBEXECDIR)/pool-guard" \
		"$(DESTDIR)$(UNITDIR)/qubesd.service.d/50-xen-ephemeral.conf" \
		"$(DESTDIR)$(MANDIR)/man1/qvm-ephemeral.1" "$(DESTDIR)$(COMPLETIONDIR)/qvm-ephemeral"
	$(call rmdir_empty,$(UNITDIR)/qubesd.service.d $(LIBEXECDIR) $(DATADIR))

uninstall-guest:
	rm -fv "$(DESTDIR)$(INITRAMFSTOOLSDIR)/hooks/xen-ephemeral" \
		"$(DESTDIR)$(tools_scripts)/init-premount/xen-ephemeral" \
		"$(DESTDIR)$(tools_scripts)/local-bottom/xen-ephemeral" \
		"$(DESTDIR)$(SYSCONFDIR)/qubes/post-install.d/30-xen-ephemeral.sh" \
		"$(DESTDIR)$(LIBEXECDIR)/30-xen-ephemeral.sh"
	rm -rfv "$(DESTDIR)$(dracut_module)" "$(DESTDIR)$(tools_scripts)/xen-ephemeral"
	$(call rmdir_empty,$(LIBEXECDIR))

# The unit's links below /etc/systemd are systemctl's, which needs the units for that.
uninstall:
	@[ -n "$(DESTDIR)" ] || ! command -v systemctl >/dev/null || \
		systemctl disable --now xen-ephemeral-kernels.path xen-ephemeral-kernels.service 2>/dev/null || :
	@[ -n "$(DESTDIR)" ] || KERNELS="$(KERNELS)" guest/hooks/prepared-kernels || :
	rm -fv "$(DESTDIR)$(LIBEXECDIR)/xen-ephemeral-block" "$(DESTDIR)$(XENSCRIPTS)/block-ephemeral" \
		"$(DESTDIR)$(LIBEXECDIR)/block-ephemeral" \
		"$(DESTDIR)$(SBINDIR)/xen-ephemeral" "$(DESTDIR)$(MANDIR)/man8/xen-ephemeral.8" \
		"$(DESTDIR)$(MANDIR)/man7/xen-ephemeral.7" "$(DESTDIR)$(MANDIR)/man8/block-ephemeral.8" \
		"$(DESTDIR)$(DOCDIR)/examples/disp.cfg" \
		"$(DESTDIR)$(SBINDIR)/xen-ephemeral-initramfs" \
		"$(DESTDIR)$(MANDIR)/man8/xen-ephemeral-initramfs.8" \
		"$(DESTDIR)$(COMPLETIONDIR)/xen-ephemeral-initramfs" \
		"$(DESTDIR)$(COMPLETIONDIR)/xen-ephemeral" "$(DESTDIR)$(DATADIR)/guest/ephemeral-disks.sh" \
		"$(DESTDIR)$(DATADIR)/guest/qubes-steps.sh" "$(DESTDIR)$(DATADIR)/guest/qubes-init" \
		"$(DESTDIR)$(LIBEXECDIR)/prepare-kernels" "$(DESTDIR)$(LIBEXECDIR)/prepared-kernels" "$(DESTDIR)$(UNITDIR)/xen-ephemeral-kernels.path" \
		"$(DESTDIR)$(UNITDIR)/xen-ephemeral-kernels.service" \
		"$(DESTDIR)$(KERNELINSTALLDIR)/50-xen-ephemeral.install" \
		"$(DESTDIR)$(UDEVRULESDIR)/09-xen-ephemeral.rules" "$(DESTDIR)$(LIBEXECDIR)/loop-is-ours"
	$(call rmdir_empty,$(DOCDIR)/examples $(DOCDIR) $(STATEDIR) $(LIBEXECDIR) $(DATADIR)/guest $(DATADIR))

clean:
	rm -rf $B/asan $B/fuzz/backend $B/fuzz/command $B/fuzz/guest $B/fuzz/tests $B/fuzz/library.a $B/fuzz/fuzz-*
	rm -rf $B/backend $B/command $B/tests $B/xen-ephemeral-block $B/xen-ephemeral $B/block-ephemeral
	rm -rf $B/initramfs $B/xen-ephemeral-initramfs $B/xen-ephemeral-kernels.service $B/dom0
	rm -rf $B/udev $B/loop-is-ours $B/09-xen-ephemeral.rules

include packaging/rules.mk tests/rules.mk

-include $(wildcard $B/backend/*.d $B/command/*.d $B/initramfs/*.d $B/udev/*.d)
