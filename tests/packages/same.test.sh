# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages, Fedora's and `make install` put down the same files, with the same modes; `make uninstall` takes
# all that `make install` has put down, and nothing else.

make_rpms

# alike FOLDER: what is a package's alone is left out (documents, licences, debug symbols), pages are told by their name
# without .gz, units by where Fedora has them, links by where they lead.
alike() {
	as_listed "$1" | sed -e 's/\(man[0-9]\/[^ ]*\)\.gz$/\1/' \
		-e 's/ lib\/\(systemd\|udev\)\// usr\/lib\/\1\//' |
		awk '$3 !~ "^usr/(share/(doc|licenses|lintian)|lib/debug)/" || $3 ~ "^usr/share/doc/xen-ephemeral/examples"' |
		LC_ALL=C sort -k 3
}

unpack_debs() {
	local file
	for file in "$debs"/*.deb; do
		case $file in *-dbgsym_*) ;; *) dpkg-deb -x "$file" "$T/as-deb" || return ;; esac
	done
}
unpack_rpms() {
	local file
	mkdir -p "$T/as-rpm"
	for file in "$rpms"/*.rpm; do
		case $file in *.src.rpm) ;; *) (cd "$T/as-rpm" && rpm2cpio "$file" | cpio -idm --quiet) || return ;; esac
	done
}
# A checkout's modes must not matter either.
install_into() { (umask 077 && make -s -C "$top" B="$build" DESTDIR="$T/as-made" install install-guest install-qubes); }
ok "Debian's packages unpack" unpack_debs
ok "Fedora's packages unpack" unpack_rpms
mkdir "$T/as-made"
ok "make install install-guest install-qubes" install_into

# Fedora has no initramfs-tools.
not_on_fedora=' usr/share/initramfs-tools/'
ok "make install and Debian's packages put down the same" diff <(alike "$T/as-made") <(alike "$T/as-deb")
ok "make install and Fedora's packages put down the same" diff <(alike "$T/as-made" | grep -v "$not_on_fedora") <(alike "$T/as-rpm")
like "$(alike "$T/as-made")" "f 755 usr/libexec/xen-ephemeral/xen-ephemeral-block" "control: the list is not an empty one"
like "$(alike "$T/as-made" | grep -c .)" '^[6-9][0-9]$' "control: nor a short one"

# Documents lead to each other where they are installed, and each package's to its own.
. "$top/tests/docs/links.sh"
dead_links() {
	find "$1" -name '*.md' | LC_ALL=C sort | while read -r document; do
		broken_links "$document" | sed "s|^|${document#"$1"}: |"
		grep -oE '\]\((\.\./)+[^) ]*' "$document" | sed 's/^](//' | while read -r link; do
			case $(realpath -m "${document%/*}/$link") in
			"$1"/usr/share/doc/$(cut -d/ -f4 <<<"${document#"$1"/}")/*) ;;
			*) echo "${document#"$1"}: $link: in another package" ;;
			esac
		done
	done
}
is "$(dead_links "$T/as-deb")" "" "Debian's documents: no dead link"
is "$(dead_links "$T/as-rpm")" "" "Fedora's documents: no dead link"
for root in "$T/as-deb" "$T/as-rpm"; do
	like "$(find "$root/usr/share/doc" -name '*.md' | wc -l)" '^1[5-9]$' "control: there are documents in ${root##*/}"
done

# Texts are the same bytes; programs are built with other flags.
differing() {
	local file
	(cd "$T/as-made" && find . -type f ! -name '*.[0-9]') | while read -r file; do
		[ "$(head -c 4 "$T/as-made/$file" | tr -d '\0')" != $'\177ELF' ] || continue
		case $1$file in
		*as-deb./usr/lib/systemd/* | *as-deb./usr/lib/udev/*) other=$1/lib/${file#./usr/lib/} ;;
		*as-rpm./usr/share/initramfs-tools/*) continue ;;
		*) other=$1/$file ;;
		esac
		cmp "$T/as-made/$file" "$other" 2>&1
	done
}
is "$(differing "$T/as-deb")" "" "Debian's texts and scripts are the same bytes"
is "$(differing "$T/as-rpm")" "" "Fedora's are too"

# rpmlint and lintian do not say it of every program.
for program in "$T/as-made"/usr/bin/* "$T/as-made"/usr/sbin/*; do
	[ -e "$program" ] || continue
	is "$(find "$T/as-made/usr/share/man" -name "${program##*/}.[18]" | wc -l)" 1 "${program##*/} has a page"
done

# What was there before and is not ours stays; what is in our folders and is not ours does too.
foreign() {
	mkdir -p "$T/as-made/usr/sbin" "$T/as-made/var/lib/xen-ephemeral"
	echo kept >"$T/as-made/usr/sbin/foreign"
	echo kept >"$T/as-made/var/lib/xen-ephemeral/store.img"
}
uninstall() { MAKEFLAGS="" make -s -C "$top" B="$build" DESTDIR="$T/as-made" uninstall uninstall-guest uninstall-qubes; }
foreign
ok "make uninstall uninstall-guest uninstall-qubes" uninstall
is "$(cd "$T/as-made" && find . ! -type d | LC_ALL=C sort)" \
	"$(printf '%s\n' ./usr/sbin/foreign ./var/lib/xen-ephemeral/store.img)" "every file of ours is gone, and no other"
rm "$T/as-made/var/lib/xen-ephemeral/store.img"
is "$(uninstall 2>&1 >/dev/null)" "" "make uninstall once more complains of nothing"
is "$(cd "$T/as-made" && find . -name '*ephemeral*')" "" "so is every folder of ours"

# Where it is not for a package, systemd is told before its units go.
mkdir "$T/tools"
printf '#!/bin/sh\n[ ! -e %s ] || echo "$@" >>%s\n' "$T/own/lib/systemd/system/xen-ephemeral-kernels.path" "$T/calls" >"$T/tools/systemctl"
chmod 755 "$T/tools/systemctl"
uninstall_own() {
	install -D -m 644 -t "$T/own/lib/systemd/system" "$top/guest/hooks/xen-ephemeral-kernels.path" &&
		PATH=$T/tools:$PATH make -s -C "$top" B="$build" DESTDIR= PREFIX="$T/own" SYSCONFDIR="$T/own/etc" \
			STATEDIR="$T/own/state" uninstall
}
ok "make uninstall without DESTDIR" uninstall_own
is "$(cat "$T/calls")" "disable --now xen-ephemeral-kernels.path xen-ephemeral-kernels.service" "turns the units off before they go"
rm -rf "$T/as-made" "$T/as-deb" "$T/as-rpm" "$T/own" "$T/tools"
