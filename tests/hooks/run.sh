#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD      tests guest/hooks with the real xen-ephemeral-initramfs in BUILD on a folder of small
# kernels: which are prepared, which are waited for, left, or tried again; the units; the plugin. Prints
# TAP; the last line counts. That systemd starts the service when a folder comes is not shown here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
build=$(realpath -e "$1") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then passed=$((passed + 1)) && echo "ok - $name"; else
		failed=$((failed + 1)) && echo "not ok - $name" && sed 's/^/# /' "$work/said"
	fi
}
is() { ok "$3 (got: $1)" test "$1" = "$2"; }

# kernel NAME: a stock one, not written to for a while.
kernel() {
	mkdir -p "$work/tree/bin" "$work/img/6.1" "$work/k/$1"
	printf '#!/bin/sh\necho stock\n' >"$work/tree/init" && chmod 755 "$work/tree/init"
	echo sh >"$work/tree/bin/sh"
	(cd "$work/tree" && find . | cpio -o -H newc --quiet | gzip -9n) >"$work/k/$1/initramfs"
	head -c 100000 /dev/urandom >"$work/k/$1/vmlinuz"
	cp "$work/k/$1/vmlinuz" "$work/k/$1/initramfs" "$work/img/"
	truncate -s 4M "$work/k/$1/modules.img" && mkfs.ext3 -q -F -d "$work/img" "$work/k/$1/modules.img"
}

# hook [SETTLE [PATIENCE]]: the script, with the time limits of a test.
hook() {
	KERNELS=$work/k TOOL=$work/tool SETTLE=${1:-1} PATIENCE=${2:-2} "$top/guest/hooks/prepare-kernels" >"$work/log" 2>&1
}
# The real program with the files of this tree; each call is noted. A kernel in during/ comes while one is
# prepared.
printf '#!/bin/sh\necho "$1 $2" >>%s/calls\nverb=$1\n[ "$verb" != prepare ] || [ ! -d %s/during ] || mv %s/during %s/k/meanwhile\n[ "$verb" = revert ] && exec %s/xen-ephemeral-initramfs "$@"\nexec %s/xen-ephemeral-initramfs "$@" --share %s/guest\n' \
	"$work" "$work" "$work" "$work" "$build" "$build" "$top" >"$work/tool"
chmod 755 "$work/tool"
ready() { "$work/tool" check "$1" --root "$work/k"; }
prepared() { grep -c "^prepare" "$work/calls" 2>/dev/null; }
sums() { (cd "$work/k" && find . -type f -exec sha256sum {} + | sort; find . -printf '%p %C@\n' | sort); }

kernel one && kernel "2 two" && kernel half && kernel keep
rm "$work/k/half/modules.img"
touch "$work/k/keep/xen-ephemeral-keep-stock"
ln -s one "$work/k/link"
ok "kernels of several kinds" hook
ok "one is ready" ready one
ok "one with a blank in its name is ready" ready "2 two"
ok "a half one is left as it was" test ! -e "$work/k/half/initramfs.stock"
ok "and named" grep -q "half is not complete; leaving it for the next event" "$work/log"
ok "one with the switch is left as it was" test ! -e "$work/k/keep/initramfs.stock"
is "$(prepared)" 2 "two were prepared, none through a link"
before=$(sums)
ok "once more" hook
is "$(prepared)" 2 "nothing is prepared twice"
ok "and nothing is written, so that no event follows" test "$(sums)" = "$before"

kernel half
ok "the half one, complete by the next event" hook
ok "is ready" ready half

kernel slow && mv "$work/k/slow/modules.img" "$work/late.img"
(sleep 3; cp "$work/late.img" "$work/k/slow/modules.img") &
ok "one whose last file comes while we wait" hook 1 30
ok "is ready" ready slow
kernel rpm && : >"$work/k/rpm/initramfs;65f0a1b2"
(sleep 5; [ ! -e "$work/k/rpm/initramfs.stock" ] || touch "$work/early"; rm "$work/k/rpm/initramfs;65f0a1b2") &
ok "one that rpm is still writing" hook 1 30
wait
ok "is ready in the end" ready rpm
ok "and was not touched before" test ! -e "$work/early"

kernel first && kernel meanwhile && mv "$work/k/meanwhile" "$work/during"
ok "one comes while another is prepared" hook 1 30
ok "it is ready too" ready meanwhile

kernel bad && echo "not an archive" >"$work/k/bad/initramfs" && kernel zgood && sleep 2
ok "one that cannot be prepared fails the run" eval '! hook'
ok "with the program's message" grep -q "bad" "$work/log"
ok "and keeps no other from it" ready zgood
rm -r "$work/k/bad" && kernel bad
ok "the next event tries it again" hook
ok "and it is ready" ready bad

"$work/tool" prepare one --output copy --root "$work/k" >/dev/null && rm "$work/calls"
sed -i 's/^version: .*/version: old/' "$work/k/copy/xen-ephemeral-supported" && sleep 2
ok "a copy that an older version made by --output" hook
is "$(prepared)" 1 "is made anew, once"
ok "and is ready" ready copy

# What is said before the package goes: commands that do it, as they stand.
told() { KERNELS=$work/k "$top/guest/hooks/prepared-kernels" 2>&1; }
reverts() { told | sed -n 's/^xen-ephemeral:   \(xen-ephemeral-initramfs revert .*\)/\1/p'; }
words="2 two bad first half meanwhile one rpm slow zgood"
is "$(reverts | sed 's/.* revert //' | tr -d "'" | tr '\n' ' ')" "$words " "each kernel that is prepared is named"
ok "so is one with a space" eval 'reverts | grep -qF "revert '"'2 two'"'"'
ok "and the copy" eval 'told | grep -qxF "xen-ephemeral:   rm -r $work/k/copy    (a copy, made by --output)"'
echo "no origin" >"$work/k/copy/xen-ephemeral-supported"
ok "what is no copy, and has lost its original, is nothing to delete" eval 'told | grep -qF "copy has no original any more" && ! told | grep -q "rm -r"'
run_reverts() {
	local line
	reverts >"$work/reverts"
	while read -r line; do eval "${line/#xen-ephemeral-initramfs/\"$build/xen-ephemeral-initramfs\"} --root '$work/k'" || return; done <"$work/reverts"
}
ok "those commands revert them" run_reverts
is "$(reverts)" "" "none is named any more"
rm -r "$work/k/copy"
is "$(told)" "" "nothing is said where nothing is prepared"
is "$(KERNELS=$work/none "$top/guest/hooks/prepared-kernels" 2>&1; echo $?)" 0 "nor where there is no folder of kernels"

ok "no folder of kernels" env KERNELS="$work/none" "$top/guest/hooks/prepare-kernels"
rm "$work/calls"
mkdir "$work/empty"
ok "an empty one" env KERNELS="$work/empty" TOOL="$work/tool" "$top/guest/hooks/prepare-kernels"
ok "calls nothing" test ! -e "$work/calls"

# The units, as installed.
mkdir -p "$work/units"
sed "s|^ExecStart=.*|ExecStart=$top/guest/hooks/prepare-kernels|" "$build/xen-ephemeral-kernels.service" \
	>"$work/units/xen-ephemeral-kernels.service"
cp "$top/guest/hooks/xen-ephemeral-kernels.path" "$work/units/"
ok "systemd-analyze verify" eval 'said=$(systemd-analyze verify --man=no --recursive-errors=no "$work"/units/* 2>&1); echo "$said"; [ -z "$said" ]'

# The plugin, with a systemctl that notes its calls.
mkdir "$work/bin"
printf '#!/bin/sh\necho "$@" >>%s/systemctl\n[ "$1" != is-enabled ] || [ -e %s/enabled ]\n' "$work" "$work" >"$work/bin/systemctl"
chmod 755 "$work/bin/systemctl"
plugin() { PATH=$work/bin:$PATH "$top/guest/hooks/50-xen-ephemeral.install" "$@"; }
ok "plugin: remove" plugin remove 6.1 /boot/x
ok "plugin: remove asks for nothing" test ! -e "$work/systemctl"
ok "plugin: add, switched off" plugin add 6.1 /boot/x /boot/vmlinuz
is "$(cat "$work/systemctl")" "is-enabled --quiet xen-ephemeral-kernels.path" "plugin: starts nothing then"
touch "$work/enabled"
ok "plugin: add, switched on" plugin add 6.1 /boot/x /boot/vmlinuz

echo "1..$((passed + failed))"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
