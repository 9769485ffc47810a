# SPDX-License-Identifier: GPL-2.0-or-later
# How a release is made: its tarball, and packages for Debian and Fedora out of this tree.

.PHONY: dist deb rpm

# What debian/control says, so that the list is in one place.
build_depends = $(subst debhelper-compat,debhelper,$(shell \
	sed -n '/^Build-Depends:/,/^[A-Z][a-z-]*:/s/^ \([a-z0-9.+-]*\).*/\1/p' debian/control)) gcc libc6-dev dpkg-dev

dist:
	@tests/setup.sh git
	@packaging/dist.sh $B/dist

deb:
	@tests/setup.sh $(build_depends)
	@rm -rf $B/deb
	packaging/deb.sh $B/deb
	@ls $B/deb/*.deb

rpm:
	@tests/setup.sh $(filter-out debhelper,$(build_depends)) rpm file
	@rm -rf $B/rpm
	packaging/rpm.sh $B/rpm
	@ls $B/rpm/*.rpm

# The same without the unit tests, which the tiers run: what the emulated hosts get, made anew when a source has changed.
package_folders = $(filter-out build $B tests,$(patsubst %/,%,$(wildcard */)))
$B/packages/made: version Makefile $(shell find $(package_folders) -type f)
	@tests/setup.sh $(build_depends)
	@rm -rf $(@D)
	@echo "  DEB	$(@D)"
	@DEB_BUILD_OPTIONS=nocheck packaging/deb.sh $(@D) --build=binary --build-profiles=nocheck
	@touch $@
