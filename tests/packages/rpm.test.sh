# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Fedora's packages: nothing for rpmlint to say; into an empty root and out of it again.

ok "make rpm" make_rpms || tail -n 20 "$T/rpm.log" | diag
out=$(rpmlint -c "$top/packaging/rpmlint.toml" "$rpms"/*.rpm "$rpms"/*.spec 2>&1)
like "$out" "$(find "$rpms" -name '*.rpm' | wc -l) packages and 1 specfiles checked; 0 errors, 0 warnings" "rpmlint has no errors and no warnings" || diag "$out"

# A root with a shell and what the scriptlets call, which writes down how it was called.
empty_root() {
	mkdir -p "$T/root/bin" "$T/root/usr/lib/systemd"
	cp "$(command -v busybox)" "$T/root/bin/sh"
	for tool in awk grep rm sort tr; do ln -s sh "$T/root/bin/$tool"; done
	printf '#!/bin/sh\necho "$@" >>/calls\n' >"$T/root/usr/lib/systemd/systemd-update-helper"
	chmod 755 "$T/root/usr/lib/systemd/systemd-update-helper"
	inside --initdb
	(cd "$T/root" && find . -path ./var/lib/rpm -prune -o -print | LC_ALL=C sort) >"$T/root.before"
}
make_next() { "$top/packaging/rpm.sh" "$T/rpm-next" --nocheck --define "dist .next"; }
# Debian's rpm keeps its database in the home folder and warns of itself, unless it is told.
inside() { rpm --root "$T/root" --dbpath /var/lib/rpm --force-debian --nosignature "$@"; }

if [ "$(id -u)" != 0 ]; then skip "installing RPMs needs root"; else
	ok "an empty root" empty_root
	mapfile -t files < <(find "$rpms" -name '*.rpm' ! -name '*.src.rpm' | LC_ALL=C sort)
	ok "rpm --install" inside --install --nodeps "${files[@]}"
	for file in "${files[@]}"; do
		package=$(rpm -qp --nosignature --qf '%{name}' "$file")
		is "$(inside --verify --nodeps "$package" 2>&1)" "" "rpm --verify $package: files, modes and owners are as packed"
		is "$(rpm -qp --nosignature --qf '[%{filenames} %{fileusername}:%{filegroupname}\n]' "$file" | grep -v ' root:root$')" "" \
			"$package: root owns every file"
		is "$(rpm -qp --nosignature --qf '[%{filemodes:perms} %{filenames}\n]' "$file" | grep -E '^.{5}w|^.{8}w|^.{3}s|^.{6}s' | grep -v ^l)" "" \
			"$package: nobody else can write to one, and none is setuid"
	done
	is "$(stat -c %a "$T/root/var/lib/xen-ephemeral")" 700 "the stores' folder is root's alone"
	units="xen-ephemeral-kernels.path xen-ephemeral-kernels.service"
	is "$(cat "$T/root/calls")" "install-system-units $units" "%post has the units taken up as the presets say"
	: >"$T/root/calls"
	ok "packages of a higher release" make_next
	mapfile -t files < <(find "$T/rpm-next" -name '*.rpm' ! -name '*.src.rpm' | LC_ALL=C sort)
	mkdir -p "$T/root/var/lib/qubes/vm-kernels/6.1.1" && : >"$T/root/var/lib/qubes/vm-kernels/6.1.1/initramfs.stock"
	run inside --upgrade --nodeps "${files[@]}"
	is "$status" 0 "rpm --upgrade to a higher release" || diag "$out$err"
	unlike "$out$err" "kernels stay prepared" "which says nothing of kernels"
	rm -r "$T/root/var/lib/qubes"
	is "$(inside -qa --qf '%{version}-%{release}\n' | sort | uniq -c | sed 's/^ *//')" "${#files[@]} $version-1.next" "each package has it, once"
	is "$(inside --verify --nodeps -a 2>&1)" "" "with all of its files"
	unlike "$(cat "$T/root/calls")" remove "an upgrade removes no unit"
	like "$(cat "$T/root/calls")" "restart-system-units" "and has what runs started anew"
	# Of Qubes' dom0: the pool driver does not go while qubes.xml needs it.
	mkdir -p "$T/root/var/lib/qubes"
	echo '<qubes><pools><pool name="e" driver="ephemeral"/></pools></qubes>' >"$T/root/var/lib/qubes/qubes.xml"
	like "$(inside --erase --nodeps qubes-ephemeral-dom0 2>&1)" "has storage pools of its driver: e .*qvm-ephemeral off --all" \
		"rpm --erase while qubes.xml has a pool of its driver: says why not"
	ok "it stays installed" inside --query qubes-ephemeral-dom0
	is "$(inside --verify --nodeps qubes-ephemeral-dom0 2>&1)" "" "all of it"
	# dnf remove xen-ephemeral: rpm goes on with the others of the transaction when one refuses.
	: >"$T/root/calls"
	like "$(inside --erase --nodeps xen-ephemeral qubes-ephemeral-dom0 2>&1)" "xen-ephemeral: cannot be removed yet" \
		"rpm --erase of what it needs, with it: that says why not, too"
	like "$(inside --erase --nodeps xen-ephemeral 2>&1)" "xen-ephemeral: cannot be removed yet" "and alone"
	is "$(inside -qa xen-ephemeral qubes-ephemeral-dom0 | wc -l)" 2 "both stay installed"
	is "$(inside --verify --nodeps xen-ephemeral 2>&1)$(cat "$T/root/calls")" "" "with all of it, units too"
	ok "rpm --upgrade is not kept from going on" inside --upgrade --force --nodeps "$(rpm_of xen-ephemeral)"
	rm -r "$T/root/var/lib/qubes"
	: >"$T/root/calls"
	mapfile -t names < <(inside -qa | LC_ALL=C sort)
	mkdir -p "$T/root/var/lib/qubes/vm-kernels/6.1.1" && : >"$T/root/var/lib/qubes/vm-kernels/6.1.1/initramfs.stock"
	run inside --erase --nodeps "${names[@]}"
	is "$status" 0 "rpm --erase" || diag "$out$err"
	like "$out$err" "these kernels stay prepared.*xen-ephemeral-initramfs revert 6\.1\.1" \
		"it says which kernel stays prepared, and what puts its original back"
	rm -r "$T/root/var/lib/qubes"
	is "$(cat "$T/root/calls")" "remove-system-units $units" "%preun has the units taken away"
	rm -f "$T/root/calls"
	is "$(cd "$T/root" && find . -path ./var/lib/rpm -prune -o -print | LC_ALL=C sort | diff "$T/root.before" - |
		grep -E 'xen-eph|block-eph')" "" "nothing of ours is left"
	is "$(cd "$T/root" && find . -path ./var/lib/rpm -prune -o ! -type d -print | LC_ALL=C sort)" \
		"$(printf '%s\n' ./bin/{awk,grep,rm,sh,sort,tr} ./usr/lib/systemd/systemd-update-helper)" "nor any file"
	rm -rf "$T/root" "$T/rpm-next"
fi
