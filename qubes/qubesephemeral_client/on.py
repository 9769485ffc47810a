# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral on: asks for it, after everything that could refuse it was looked at."""

import argparse
from typing import Any

from . import disposable, feature, kernel, names, pool, say, target, verdict
from .disposable import PRELOADED, Disposable
from .exc import Refused

HELP = "make disposables fully ephemeral"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Beside VMNAME, --all and --exclude."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--pool",
        metavar="POOL",
        help="storage pool for volatile volumes, made unless it is there (default: ephemeral)",
    )
    where.add_argument(
        "--no-pool",
        action="store_true",
        help="leave volatile volumes in their pool, encrypted by Qubes' own means",
    )


def _check_kernels(affected: list[Disposable]) -> None:
    blocked = [(it, found) for it in affected if (found := verdict.of_kernel(it))]
    if not blocked:
        return
    lines = [say.sentence(it, found) for it, found in blocked]
    todo = kernel.unprepared(it.kernel for it, _ in blocked)
    if todo:
        lines.append("for all of these kernels: qvm-ephemeral prepare " + " ".join(todo))
    raise Refused("\n  ".join(["nothing was changed, since these would not start:", *lines]))


def _set_pool(args: argparse.Namespace, plan: pool.Plan) -> None:
    app = args.app
    if plan.options is not None:
        app.add_pool(name=plan.name, driver=names.DRIVER, **plan.options)
        # The library keeps the list that it has read.
        app.pools.clear_cache()
        words = " ".join(f"{key}={value}" for key, value in plan.options.items())
        say.done(args, f"pool {plan.name} made, {words}")
    if pool.default(app) != plan.name:
        app.default_pool_volatile = plan.name
        say.done(args, f"default_pool_volatile is {plan.name}")


def _set_features(args: argparse.Namespace, chosen: target.Target) -> None:
    feature.unset(chosen.dom0, names.RETIRE)
    if chosen.everything:
        feature.turn_on(chosen.dom0)
        say.done(args, "on for all disposables")
    for vm in chosen.vms:
        if not chosen.everything:
            feature.turn_on(vm)
            say.done(args, f"{vm.name}: on")
        elif feature.own(vm) == "":
            feature.unset(vm)
            say.done(args, f"{vm.name}: no exception any more")
    for vm in chosen.apart:
        if feature.own(vm) == "":
            say.warning(f"{vm.name}: is off by itself: qvm-ephemeral on {vm.name}")
    for vm in chosen.excluded:
        vm.features[names.FEATURE] = ""
        say.done(args, f"{vm.name}: off")


def _is_stale(it: Disposable, word: str) -> bool:
    """Whether it was preloaded before, and a new one would be better."""
    better = word == verdict.NO or (it.ours_next and not it.ours_now)
    return it.kind == PRELOADED and it.running and better


def _finish(args: argparse.Namespace, vms: list[Any]) -> None:
    """Ends the preloaded ones that were started before: nobody has used them. Tells of others."""
    for it in disposable.read_all(vms):
        found = verdict.judge(it)
        if found.word == verdict.YES:
            continue
        if _is_stale(it, found.word):
            args.app.domains[it.name].kill()
            say.done(args, f"{it.name}: preloaded before it was turned on, ended")
        elif found.word == verdict.STOCK:
            say.detail(args, say.sentence(it, found))
        else:
            say.warning(say.sentence(it, found))


def run(args: argparse.Namespace) -> int:
    """Returns 0; raises Refused before anything is changed."""
    pool.check_driver(args.app)
    chosen = target.choose(args)
    _check_kernels(list(disposable.read_all(chosen.affected)))
    plan = None if args.no_pool else pool.plan(args.app, args.pool)
    if plan:
        _set_pool(args, plan)
    _set_features(args, chosen)
    _finish(args, chosen.affected)
    return 0
