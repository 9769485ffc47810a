#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# source.sh FOLDER: copies the sources there as they are in the work tree, changes included, and nothing that was built.
# Modes are made the same for every umask, so that packages are too.
set -eu
to=$1
umask 022
cd "$(dirname "$0")/.."

# Files alone, each ended by a zero byte. A tree without git, such as an unpacked tarball, is copied whole.
files() {
	if [ -e .git ] && git ls-files -z --cached --others --exclude-standard 2>/dev/null; then return; fi
	find . \( -path ./.git -o -path ./build -o -name __pycache__ -o -path './debian/*-ephemeral*/*' -o -path ./debian/tmp \
		-o -path ./debian/.debhelper -o -path ./debian/files -o -path './debian/*.substvars' \
		-o -path './debian/*.debhelper*' \) -prune -o \( -type f -o -type l \) -print0
}

# A file that is deleted here and not yet in git is still on git's list.
# shellcheck disable=SC2016 # for the shell that xargs runs
there() { xargs -0 sh -c 'for file; do [ ! -e "$file" ] && [ ! -L "$file" ] || printf "%s\0" "$file"; done' -; }

mkdir -p "$to"
files | there | tar -c --null -T - | tar -x --no-same-owner --no-same-permissions -C "$to"
chmod -R u=rwX,go=rX "$to"
