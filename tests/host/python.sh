#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes Debian's Python with its library for an emulated host, below $CACHE (default: build/cache). Prints
# the archive, which run.sh --python lays over the image.
# shellcheck source-path=SCRIPTDIR disable=SC2034 # read by archive.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image/contents.sh"
name=python what=Python
packages=(python3-minimal libpython3-stdlib)
unwanted='^(debconf|dpkg|init-system-helpers|media-types|tzdata|readline-common)='
excludes=(
	./usr/share ./usr/lib/python3 '*/__pycache__' '*/config-3*' '*/ctypes' '*/sqlite3' '*/tkinter' '*/xml' '*/email'
	'*/distutils' '*/lib2to3' '*/pydoc_data' '*/ensurepip' '*/idlelib' '*/wsgiref' '*/xmlrpc'
)
binary=usr/bin/python3.11
programs="$binary usr/bin/python3 usr/lib/python3.11"
. "$here/archive.sh"
archive_print
