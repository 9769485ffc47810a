# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# The file `version` is the single source.

like "$version" '^[0-9]+\.[0-9]+\.[0-9]+$' "version has three numbers"
is "$(dpkg-parsechangelog -l "$top/debian/changelog" -S Version)" "$version" "debian/changelog has it"
spec=$("$top/packaging/spec.sh")
is "$(sed -n 's/^Version: *//p' <<<"$spec")" "$version" "the spec gets it"
unlike "$spec" '@[A-Z]+@' "and nothing in the spec is left to fill in"
like "$spec" "%changelog.\* [A-Z][a-z]+ [A-Z][a-z]+ [0-9]+ 20[0-9]+ .*<.*> - $version-1.- " "its changelog names it"
like "$(head -n 3 "$top/NEWS.md")" "## $version" "NEWS.md begins with it"
for program in xen-ephemeral xen-ephemeral-initramfs; do
	like "$("$build/$program" --version)" "(^| )$version\$" "$program --version says it"
done
