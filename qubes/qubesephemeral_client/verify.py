# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral verify: has xen-ephemeral prove it from the running system."""

import argparse
from typing import Any

from . import command, names, say

HELP = "prove it for running disposables"


def _holds(vm: Any) -> bool:
    # By its number: sudo writes what it runs into dom0's log.
    domid = int(vm.xid)
    if domid < 0:
        say.warning(f"cannot verify {vm.name}: it has ended")
        return False
    return command.run_as_root(names.VERIFY, "verify", str(domid)) == 0


def run(args: argparse.Namespace) -> int:
    """Returns 0 where it holds for each of them, else 1."""
    failed = [vm for vm in args.domains if not _holds(vm)]
    return 1 if failed else 0
