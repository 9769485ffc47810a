#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# overlay.sh FOLDER PROGRAM...: lays below FOLDER what the bench's groups need of a host beside the package: /tests, the
# programs in /usr/lib/xen-ephemeral-tests, and the floor's hotplug scripts. QUBES_BLOCK=PATH: Qubes' own block script too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
shift
scripts=$folder/etc/xen/scripts
install -D -m 644 -t "$folder/tests" "$here"/../host/lib.sh "$here"/../host/lib-xen.sh "$here"/../lib-disks.sh
install -D -m 644 -t "$folder/tests/bench" "$here"/*.sh
install -D -t "$folder/usr/lib/xen-ephemeral-tests" "$@"
mkdir -p "$scripts"
# One line, as ours is.
for script in block-floor: 'block-floor-held: --hold'; do
	printf '#!/bin/sh\nexec /usr/lib/xen-ephemeral-tests/floor "$@"%s\n' "${script#*:}" >"$scripts/${script%%:*}"
done
chmod 755 "$scripts"/block-floor*
[ -z "${QUBES_BLOCK:-}" ] || install "$QUBES_BLOCK" "$scripts/qubes-block"
