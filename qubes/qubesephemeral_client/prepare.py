# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral prepare: makes the kernels ready that disposables boot."""

import argparse

from . import command, disposable, kernel, names, say
from .exc import Refused

HELP = "make kernels ready, all that disposables boot unless some are named"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The kernels."""
    parser.add_argument("kernels", metavar="KERNEL", nargs="*", help="a kernel of dom0's")
    parser.add_argument(
        "--new-kernels",
        action="store_true",
        help="also each kernel that is installed from now on",
    )


def _chosen(args: argparse.Namespace) -> list[str]:
    for name in args.kernels:
        if not kernel.is_present(name):
            raise Refused(f"cannot prepare kernel {name}: there is none in {names.KERNELS}")
    if args.kernels:
        return list(dict.fromkeys(args.kernels))
    return kernel.unprepared(vm.kernel or "" for vm in disposable.all_of(args.app))


def run(args: argparse.Namespace) -> int:
    """Returns 0, or 1 where the program has said why it failed."""
    chosen = _chosen(args)
    if not chosen:
        say.done(args, "the kernels of all disposables are prepared")
    failed = [name for name in chosen if command.run_as_root(names.PREPARE, "prepare", name)]
    enable = ("systemctl", "enable", "--now", *names.KERNEL_UNITS)
    if args.new_kernels and command.run_as_root(*enable):
        failed.append("systemctl")
    return 1 if failed else 0
