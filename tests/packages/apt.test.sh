# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# On a Debian system: `apt install ./xen-ephemeral_*.deb`, what is there then, an upgrade, and that removing it leaves
# nothing.

# inside COMMAND...: in the system, with nothing of this machine's environment.
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$T/debian" "$@" </dev/null; }
apt() { inside apt-get -q -y --no-install-recommends -o APT::Sandbox::User=root "$@"; }

# What dpkg, apt and their logs keep about whatever was installed.
kept_by_dpkg=(-path ./debs -o -path ./proc -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt
	-o -path ./var/lib/dpkg/triggers -o -path './var/lib/dpkg/status*' -o -path './var/lib/dpkg/lock*')

# tree: every path in the system, with its mode, owner, target and text. dpkg writes its lists of other packages anew.
tree() {
	(cd "$T/debian" && find . \( "${kept_by_dpkg[@]}" \) -prune -o -printf '%y %m %U:%G %p %l\n' | LC_ALL=C sort
	cd "$T/debian" && find . \( "${kept_by_dpkg[@]}" -o -path './var/lib/dpkg/info' \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

system() {
	local tree
	tree=$("$top/tests/packages/tree.sh" "${both[@]}") && cp -a --reflink=auto "$tree" "$T/debian" &&
		mkdir "$T/debian/debs" && cp "${both[@]}" "$T/debian/debs/" && rm -f "$T"/debian/etc/dpkg/dpkg.cfg.d/*
}
state() { inside dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null; }
unit() { inside systemctl is-enabled xen-ephemeral-kernels.path 2>&1; }

installed() {
	local package
	for package in "${names[@]}"; do is "$(state "$package")" installed "$package is installed"; done
	is "$(inside dpkg --verify "${names[@]}" 2>&1)" "" "its files are as packed"
	is "$(inside stat -c '%a %U' /var/lib/xen-ephemeral)" "700 root" "the stores' folder is root's alone"
	is "$(inside xen-ephemeral --version)" "xen-ephemeral $version" "the command runs"
	is "$(inside xen-ephemeral-initramfs --version)" "xen-ephemeral-initramfs $version" "so does the other"
	like "$(inside /etc/xen/scripts/block-ephemeral add 2>&1)" "^xen-ephemeral: .*XENBUS_PATH" \
		"what Xen runs finds the backend, which misses what Xen says"
	is "$(unit)" disabled "no unit is on unless the administrator says so"
}

# newer: the packages as the next version may be: a file is gone, and one is new.
newer() {
	local file tree=$T/newer
	mkdir "$T/debian/debs/newer"
	for file in "${both[@]}"; do
		dpkg-deb -R "$file" "$tree" && sed -i "s/^Version: .*/Version: $version+next/" "$tree/DEBIAN/control" || return
		if [ -e "$tree/$old_file" ]; then
			rm "$tree/$old_file" && echo new >"$tree/$new_file" || return
		fi
		(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums) &&
			dpkg-deb -b "$tree" "$T/debian/debs/newer" && rm -r "$tree" || return
	done
}

upgraded() {
	local files package old_file=usr/share/doc/xen-ephemeral/docs/faq.md new_file=usr/share/xen-ephemeral/guest/new
	echo mine >"$T/debian/var/lib/xen-ephemeral/store.img"
	ok "the administrator has the unit on" inside systemctl enable xen-ephemeral-kernels.path
	ok "packages of a higher version" newer
	ok "control: the old file is there" test -e "$T/debian/$old_file"
	mkdir -p "$T/debian/var/lib/qubes/vm-kernels/6.1.1" && : >"$T/debian/var/lib/qubes/vm-kernels/6.1.1/initramfs.stock"
	mapfile -t files < <(cd "$T/debian" && printf '/%s\n' debs/newer/*.deb)
	run apt install "${files[@]}"
	is "$status" 0 "apt install of a higher version" || diag "$out$err"
	like "$out" "Unpacking xen-ephemeral .$version.next. over .$version. " "is an upgrade"
	unlike "$out$err" "kernels stay prepared" "which says nothing of kernels"
	for package in "${names[@]}"; do
		is "$(inside dpkg-query -W -f '${db:Status-Status} ${Version}' "$package")" "installed $version+next" "$package has the higher version"
	done
	is "$(inside dpkg --verify "${names[@]}" 2>&1)" "" "all of its files"
	is "$([ -e "$T/debian/$old_file" ]; echo $?):$(cat "$T/debian/$new_file")" "1:new" "the old file is gone, the new one is there"
	is "$(unit)" enabled "the unit is on as before"
	is "$(cat "$T/debian/var/lib/xen-ephemeral/store.img")" mine "the administrator's store is there"
	is "$(inside stat -c '%a %U' /var/lib/xen-ephemeral)" "700 root" "in a folder of root's alone"
}

# Of Qubes' dom0: the pool driver does not go while qubes.xml needs it.
guarded() {
	mkdir -p "$T/debian/var/lib/qubes"
	echo '<qubes><pools><pool name="e" driver="ephemeral"/></pools></qubes>' >"$T/debian/var/lib/qubes/qubes.xml"
	fails "apt remove while qubes.xml has a pool of its driver" apt remove qubes-ephemeral-dom0
	is "$(state qubes-ephemeral-dom0)" installed "it stays installed"
	ok "all of it" inside dpkg --verify qubes-ephemeral-dom0
	fails "apt remove of what it needs" apt remove xen-ephemeral
	fails "dpkg --remove of that alone" inside dpkg --force-depends --remove xen-ephemeral
	is "$(state xen-ephemeral)$(state qubes-ephemeral-dom0)" installedinstalled "both stay installed"
	ok "all of that" inside dpkg --verify xen-ephemeral
	rm -r "$T/debian/var/lib/qubes"
}

# What is not ours stays; what the administrator has put among the stores does too.
removed() {
	echo mine >"$T/debian/var/lib/xen-ephemeral/store.img"
	mkdir -p "$T/debian/var/lib/qubes/vm-kernels/6.1.1" && : >"$T/debian/var/lib/qubes/vm-kernels/6.1.1/initramfs.stock"
	run apt remove "${names[@]}"
	is "$status" 0 "apt remove" || diag "$out$err"
	like "$out$err" "these kernels stay prepared.*xen-ephemeral-initramfs revert 6\.1\.1" \
		"it says which kernel stays prepared, and what puts its original back"
	rm -r "$T/debian/var/lib/qubes"
	is "$(find "$T/debian" \( -path '*/var/lib/dpkg/*' -o -path '*/systemd/*' -o -path '*/debs/*' -o -path '*/var/cache/*' \) -prune -o \
		-name '*xen-ephemeral*' -print -o -name 'block-ephemeral*' -print)" "$T/debian/var/lib/xen-ephemeral" \
		"no file of ours is left but the folder with the administrator's store"
	rm -r "$T/debian/var/lib/xen-ephemeral"
	ok "apt purge" apt purge "${names[@]}"
	is "$(diff <(echo "$before") <(tree))" "" "the system is as it was before"
}

# Until a purge dpkg keeps a record of the package, and its helper one of the units that it has seen.
removed_only() {
	local record=' ./var/lib/dpkg/info/\(xen\|qubes\)-ephemeral\| ./var/lib/systemd/deb-systemd-helper-enabled/xen-ephemeral'
	ok "apt install once more" apt install "${inside[@]}"
	ok "dpkg --remove" inside dpkg --remove "${names[@]}"
	is "$(diff <(echo "$before") <(tree) | grep '^[<>]' | grep -v "$record")" "" "removed, it leaves nothing but that record"
}

# said_first: what is said before the long work, by a mmdebstrap that does none.
said_first() {
	mkdir "$T/tools" && printf '#!/bin/sh\nexit 1\n' >"$T/tools/mmdebstrap" && chmod 755 "$T/tools/mmdebstrap"
	CACHE=$T/no-cache PATH=$T/tools:$PATH run "$top/tests/packages/tree.sh" "${both[@]}"
	echo "$err"
	rm -r "$T/tools" "$T/no-cache"
}

mapfile -t both < <(find "$debs" -name "*.deb" ! -name "*-dbgsym_*")
mapfile -t names < <(for file in "${both[@]}"; do dpkg-deb -f "$file" Package; done)
like "$(said_first)" "^packages: making a Debian system .*minutes" "who waits for a Debian system is told so"
inside=("${both[@]##*/}")
inside=("${inside[@]/#//debs/}")
if [ "$(id -u)" != 0 ]; then skip "a Debian system needs root"; elif ok "a Debian system" system; then
	before=$(tree)
	ok "apt install ./xen-ephemeral_*.deb and the others" apt install "${inside[@]}"
	installed
	upgraded
	guarded
	removed
	removed_only
	rm -rf "$T/debian"
fi
