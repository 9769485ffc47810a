#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# initramfs.sh DIR       makes the initramfs of initramfs-inside.sh in DIR, with our module as `make install-guest` lays it out
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
out=$(mkdir -p "$1" && cd "$1" && pwd)
lay=$(mktemp -d)
trap 'rm -rf "$lay"' EXIT
chmod 755 "$lay"
make -s -C "$top" install-guest DESTDIR="$lay" PREFIX=/usr >/dev/null
install -D "$here/90qubes-vm/module-setup.sh" -t "$lay/usr/lib/dracut/modules.d/90qubes-vm"
install -D "$here/stock-step" "$lay/usr/lib/dracut/modules.d/90qubes-vm/qubes_cow_setup.sh"
install -D "$here/stock-step" "$lay/usr/share/initramfs-tools/scripts/local-top/qubes_cow_setup"
install -D "$here/initramfs-inside.sh" -t "$lay/root"
folder=$("$here/build.sh")
GUESTS=$folder "$here/in-tree.sh" --lay "$lay" --out "$out" /root/initramfs-inside.sh "$(cat "$folder/version")"
