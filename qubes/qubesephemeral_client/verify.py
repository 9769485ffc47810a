# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral verify: has xen-ephemeral prove it from the running system."""

import argparse

from . import command, names

HELP = "prove it for running disposables"


def run(args: argparse.Namespace) -> int:
    """Returns 0 where it holds for each of them, else 1."""
    failed = [vm for vm in args.domains if command.run_as_root(names.VERIFY, "verify", vm.name)]
    return 1 if failed else 0
