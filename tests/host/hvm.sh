#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what an emulated Xen host needs beside its image to run HVM guests, below $CACHE (default:
# build/cache): Debian's QEMU for Xen, its firmware and hvmloader. Prints the archive, which run.sh --hvm
# lays over the image: few tests need it, and it is as large as all the rest of the host.
# shellcheck source-path=SCRIPTDIR disable=SC2034 # read by archive.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image/contents.sh"
name=hvm what='QEMU for HVM guests'
packages=(qemu-system-xen xen-utils-4.17 seabios)
excludes=(./usr/share/doc ./usr/share/man ./usr/share/locale ./usr/share/icons ./usr/share/applications)
binary=usr/libexec/xen-qemu-system-i386
programs="$binary usr/lib/xen-*/boot/hvmloader usr/share/seabios usr/share/qemu"
. "$here/archive.sh"
archive_print
