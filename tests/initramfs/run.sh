#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD [NAME.test.sh...]: xen-ephemeral-initramfs on kernels' folders made here, as root: initramfs of every
# compression, modules.img, what it refuses, and SIGKILL after each of its system calls.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath "$1")
shift
program=$build/xen-ephemeral-initramfs
kill_at=$build/tests/kill/kill-at
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source-path=SCRIPTDIR
. "$top/tests/counted.sh"
# shellcheck source=/dev/null
. "$top/completion/xen-ephemeral-initramfs"

[ "$(id -u)" = 0 ] || bail "not root: the archives hold device nodes, the images owners"
T=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'chattr -R -i "$T" 2>/dev/null; rm -rf "$T"' EXIT
. "$here/lib.sh"
[ $# -gt 0 ] || set -- prepare.test.sh refused.test.sh kill.test.sh words.test.sh
for test; do
	# shellcheck source=/dev/null
	. "$here/$(basename "$test")"
done
counted_end
