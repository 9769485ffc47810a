#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what an emulated host needs beside its image to count a program's instructions, below $CACHE (default:
# build/cache): Debian's valgrind, of its tools callgrind alone. Prints the archive, which run.sh --valgrind lays
# over the image.
# shellcheck source-path=SCRIPTDIR disable=SC2034 # read by archive.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image/contents.sh"
name=valgrind what='valgrind'
packages=(valgrind)
excludes=(./usr/share ./usr/include './usr/lib/x86_64-linux-gnu/valgrind')
binary=usr/bin/valgrind.bin
programs='usr/bin/valgrind usr/bin/valgrind.bin usr/libexec/valgrind/callgrind-amd64-linux
	usr/libexec/valgrind/vgpreload_core-amd64-linux.so usr/libexec/valgrind/default.supp'
. "$here/archive.sh"
archive_print
