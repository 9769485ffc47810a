#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh [ARGUMENT...]: the tests of qubes/, against the Qubes whose sources QUBES_SRC names, else against
# the stand-in. Arguments are unittest's.
# QUBES_SRC      a checkout of qubes-core-admin
# QREXEC_SRC     a checkout of qubes-core-qrexec, which the former needs
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
if [ -n "${QUBES_SRC:-}" ]; then
	PYTHONPATH=$top/qubes:$here:$QUBES_SRC/test-packages:${QREXEC_SRC:?is not set}:$QUBES_SRC
else
	PYTHONPATH=$top/qubes:$here:$here/standin
fi
export PYTHONPATH
cd "$here"
[ -z "${QUBES_SRC:-}" ] || [ $# -gt 0 ] || /usr/bin/python3 own.py
exec /usr/bin/python3 -W error::RuntimeWarning -m unittest "${@:-discover}"
