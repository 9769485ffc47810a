# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages: the same bytes from another folder by somebody else, and nothing for lintian to say.

release=xen-ephemeral-$version
[ -d "$T/$release" ] || "$top/packaging/source.sh" "$T/$release"
# The tests' own build runs the unit tests; the one that it is compared with did not.
other_build() {
	(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 HOME=/nonexistent USER=somebody \
		DEB_BUILD_OPTIONS=parallel=1 "$T/$release/packaging/deb.sh" "$T/another-folder/deb")
}
ok "make deb in another folder, with the unit tests" other_build
for file in "$debs"/*.deb; do
	ok "the same bytes: ${file##*/}" cmp "$file" "$T/another-folder/deb/${file##*/}"
done
is "$(cd "$debs" && ls ./*.deb | wc -l)" "$(cd "$T/another-folder/deb" && ls ./*.deb | wc -l)" "as many packages"

# Neither may ask for a package that is not among those that a build is said to need.
own_tests() {
	sed -n 's/^\tdh_auto_build -- //p' "$top/debian/rules"
	sed -n '/^%check/,/^%post/s/^%make_build %{make_dirs} //p' "$top/rpm/xen-ephemeral.spec.in"
}
is "$(own_tests | wc -l)" 2 "Debian's build and Fedora's have tests of their own"
# shellcheck disable=SC2046 # one word a target
unlike "$(MAKEFLAGS="" make -n -C "$top" B="$T/none" $(own_tests | sort -u))" 'setup\.sh' "which install nothing"

# Packages and source. Shown with what is of interest only: an override that nothing needs.
lint() {
	lintian --allow-root --fail-on error,warning --tag-display-limit 0 --display-info \
		"$T/another-folder/deb"/*.changes
}
lint >"$T/lintian" 2>&1
is "$?" 0 "lintian has no errors and no warnings" || diag <"$T/lintian"
# An override has its reason in a line of comment before it.
is "$(awk '/^#/ { reason = 1; next } NF && !reason { print FILENAME ": " $0 } { reason = 0 }' \
	"$top"/debian/*.lintian-overrides)" "" "each override has its reason"
unlike "$(cat "$T/lintian")" 'unused-override' "and each is used"
rm -rf "$T/another-folder"
