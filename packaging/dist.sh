#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dist.sh FOLDER [COMMIT]: makes FOLDER/xen-ephemeral-VERSION.tar.gz of what is committed. The same commit gives the
# same bytes: names, order, times and modes come from git, and gzip keeps neither a name nor a time.
set -eu
out=$1 commit=${2:-HEAD}
umask 022
cd "$(dirname "$0")/.."
version=$(git show "$commit:version")
name=xen-ephemeral-$version
git diff --quiet "$commit" -- || echo "dist: what is not committed is not in $name.tar.gz" >&2
mkdir -p "$out"
# In two steps: a pipe would hide a failure of git's.
git -c tar.umask=0022 -c core.autocrlf=false archive --format=tar --prefix="$name/" -o "$out/$name.tar" "$commit"
gzip -9nf "$out/$name.tar"
echo "$out/$name.tar.gz"
