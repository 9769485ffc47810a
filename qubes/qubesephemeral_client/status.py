# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral status: which disposables are fully ephemeral, which are not, and what to do."""

import argparse
from typing import Any

import qubesadmin.tools

from . import disposable, say, verdict
from .exc import Refused

HELP = "show which disposables are fully ephemeral"

# Not 1 and 2, which are failures.
NOT_ALL = 3

HEADS = ("NAME", "KIND", "EPHEMERAL", "VOLATILE", "WHY NOT", "WHAT TO DO")


def _chosen(args: argparse.Namespace) -> list[Any]:
    if not args.VMNAME:
        return list(disposable.all_of(args.app))
    for vm in args.domains:
        if not disposable.kind_of(vm):
            raise Refused(f"{vm.name} is neither a disposable nor a disposable template")
    return list(args.domains)


def _row(it: disposable.Disposable, found: verdict.Verdict) -> tuple[str, ...]:
    pool = it.volumes["volatile"].pool if it.running else it.next_pool
    return (it.name, it.kind, found.word, pool, found.why or "-", found.advice or "-")


def run(args: argparse.Namespace) -> int:
    """Returns 0 where each of them is, else NOT_ALL."""
    judged = [(it, verdict.judge(it)) for it in disposable.read_all(_chosen(args))]
    if not judged:
        say.done(args, "there are no disposables")
    elif args.verbose - args.quiet >= 1:
        qubesadmin.tools.print_table([HEADS, *(_row(it, found) for it, found in judged)])
    return 0 if all(found.is_ephemeral for _, found in judged) else NOT_ALL
