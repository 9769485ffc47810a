# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages: the same bytes from another folder by somebody else, and nothing for lintian to say.

[ -d "$T/$name" ] 2>/dev/null || { name=xen-ephemeral-$version && "$top/packaging/source.sh" "$T/$name"; }
# The tests' own build runs the unit tests; the one that it is compared with did not.
other_build() {
	(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 HOME=/nonexistent USER=somebody \
		DEB_BUILD_OPTIONS=parallel=1 "$T/$name/packaging/deb.sh" "$T/a longer name/deb")
}
ok "make deb in another folder, with the unit tests" other_build
for file in "$debs"/*.deb "$debs"/*.dsc "$debs"/*.tar.xz; do
	ok "the same bytes: ${file##*/}" cmp "$file" "$T/a longer name/deb/${file##*/}"
done
is "$(cd "$debs" && ls ./*.deb | wc -l)" "$(cd "$T/a longer name/deb" && ls ./*.deb | wc -l)" "as many packages"

# Neither may ask for a package that is not among those that a build is said to need.
own_tests() {
	sed -n 's/^\tdh_auto_build -- //p' "$top/debian/rules"
	sed -n '/^%check/,/^%post/s/^%make_build %{make_dirs} //p' "$top/rpm/xen-ephemeral.spec.in"
}
is "$(own_tests | wc -l)" 2 "Debian's build and Fedora's have tests of their own"
# shellcheck disable=SC2046 # one word a target
unlike "$(MAKEFLAGS="" make -n -C "$top" B="$T/none" $(own_tests | sort -u))" 'setup\.sh' "which install nothing"

# lintian's word for a program in shell is that it is run; as root it says that it should not be.
lint() { lintian --allow-root --fail-on error,warning --tag-display-limit 0 --show-overrides "$debs"/*.changes; }
lint >"$T/lintian" 2>&1
is "$?" 0 "lintian has no errors and no warnings"
is "$(grep -E '^[EW]:' "$T/lintian")" "" "not one"
# An override has its reason in a line of comment before it.
is "$(awk '/^#/ { reason = 1; next } NF && !reason { print FILENAME ": " $0 } { reason = 0 }' \
	"$top"/debian/*.lintian-overrides)" "" "each override has its reason"
unlike "$(cat "$T/lintian")" 'unused-override' "and each is used"
rm -rf "$T/a longer name"
