#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# root.sh FILE      makes the image FILE, an ext4 filesystem of 600 MiB: the guests' tree as a system that users
#                   have, with systemd and an fstab of the Qubes kind, and a service that tells what came up
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$("$here/build.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
tar -c -C "$folder/tree" --exclude=./usr/lib/modules/* --exclude=./boot/* --exclude=./var/cache/apt/* \
	--exclude=./var/lib/apt/lists/* . | tar -x -C "$work"
mkdir "$work/rw"
cp -a "$here/root/." "$work/"
chroot "$work" systemctl --quiet enable report.service
chroot "$work" systemctl --quiet set-default multi-user.target
rm -f "$1"
truncate -s 600M "$1"
mkfs.ext4 -q -F -m 0 -E root_owner=0:0 -d "$work" "$1"
