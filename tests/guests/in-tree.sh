#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# in-tree.sh [--lay DIR]... [--out DIR] COMMAND...     runs COMMAND in the guests' tree (build.sh), by chroot
#   --lay DIR   is laid over the tree before; repeatable
#   --out DIR   is /out inside
# In a mount namespace of its own, over an overlay in memory: the tree stays as it is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fatal() {
	echo "in-tree.sh: $*" >&2
	exit 2
}

lays=() out=
while [ $# -gt 0 ]; do
	case $1 in
	--lay) lays+=("$(realpath -e "$2")") && shift 2 ;;
	--out) out=$(realpath -e "$2") && shift 2 ;;
	--) shift && break ;;
	-*) fatal "no such option: $1" ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || fatal "no command"
folder=${GUESTS:-$("$here/build.sh")}

# What follows has the mounts to itself.
if [ -z "${IN_TREE:-}" ]; then
	options=()
	for lay in "${lays[@]}"; do options+=(--lay "$lay"); done
	[ -z "$out" ] || options+=(--out "$out")
	IN_TREE=1 GUESTS=$folder exec unshare --mount --propagation private "$0" "${options[@]}" -- "$@"
fi
unset IN_TREE
memory=$(mktemp -d)
trap 'umount -l "$memory" && rmdir "$memory"' EXIT
mount -t tmpfs -o size=2G tmpfs "$memory"
mkdir "$memory"/{upper,work,root}
mount -t overlay -o "lowerdir=$folder/tree,upperdir=$memory/upper,workdir=$memory/work" overlay "$memory/root"
root=$memory/root
for lay in "${lays[@]}"; do (cd "$lay" && tar -c --owner=0 --group=0 .) | tar -x --keep-directory-symlink -C "$root"; done
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/out"
[ -z "$out" ] || mount --bind "$out" "$root/out"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C chroot "$root" "$@"
