# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral on: asks for it, after everything that could refuse it was looked at."""

import argparse
from typing import Any

from . import disposable, feature, kernel, names, pool, present, say, target, verdict
from .disposable import PRELOADED, Disposable
from .exc import Refused
from .undo import Undo

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


def _make_pool(args: argparse.Namespace, name: str, options: dict[str, str], undo: Undo) -> None:
    args.app.add_pool(name=name, driver=names.DRIVER, **options)
    undo.add(f"pool {name}", args.app.remove_pool, name)
    # The library keeps the list that it has read.
    args.app.pools.clear_cache()
    words = " ".join(f"{key}={value}" for key, value in options.items())
    say.done(args, f"pool {name} made, {words}")


def _put(vm: Any, value: str | None, undo: Undo, name: str = names.FEATURE) -> None:
    before = feature.own(vm, name)
    feature.put(vm, value, name)
    undo.add(f"{vm.name}'s feature {name}", feature.put, vm, before, name)


def _set_default(args: argparse.Namespace, name: str, dom0: Any, undo: Undo) -> None:
    before = pool.own_default(args.app)
    if before is None or not pool.is_ours(args.app, before):
        _put(dom0, before, undo, names.EARLIER)
    pool.set_default(args.app, name)
    undo.add("default_pool_volatile", pool.set_default, args.app, before)
    say.done(args, f"default_pool_volatile is {name}")


def _set_pool(args: argparse.Namespace, plan: pool.Plan, dom0: Any, undo: Undo) -> None:
    if plan.options is not None:
        _make_pool(args, plan.name, plan.options, undo)
    if pool.default(args.app) != plan.name:
        _set_default(args, plan.name, dom0, undo)


def _end_exceptions(args: argparse.Namespace, vms: list[Any], undo: Undo) -> None:
    """Who says all means all."""
    for vm in vms:
        if feature.own(vm) == "":
            _put(vm, None, undo)
            say.done(args, f"{vm.name}: no exception any more")


def _set_features(args: argparse.Namespace, chosen: target.Target, undo: Undo) -> None:
    _put(chosen.dom0, None, undo, names.RETIRE)
    # First: none of these is on for a moment.
    for vm in chosen.excluded:
        _put(vm, "", undo)
        say.done(args, f"{vm.name}: off")
    if chosen.everything:
        _put(chosen.dom0, "1", undo)
        say.done(args, "on for all disposables")
        _end_exceptions(args, chosen.vms, undo)
        return
    for vm in chosen.vms:
        _put(vm, "1", undo)
        say.done(args, f"{vm.name}: on")
    for vm in chosen.apart:
        if feature.own(vm) == "":
            say.warning(f"{vm.name}: is off by itself: qvm-ephemeral on {vm.name}")


def _is_stale(it: Disposable, word: str) -> bool:
    """Whether it was preloaded before, and a new one would be better."""
    better = word == verdict.NO or (it.ours_next and not it.ours_now)
    return it.kind == PRELOADED and it.running and better


def _kill(vm: Any) -> None:
    vm.kill()


def _finish(args: argparse.Namespace, vms: list[Any]) -> None:
    """Ends the preloaded ones that were started before: nobody has used them. Tells of others."""
    stock = False
    for it in disposable.read_all(vms):
        found = verdict.judge(it)
        if found.word == verdict.YES:
            continue
        if _is_stale(it, found.word):
            present.call(_kill, args.app.domains.get_blind(it.name))
            say.done(args, f"{it.name}: preloaded before it was turned on, ended")
        elif found.word == verdict.STOCK:
            stock = True
            say.detail(args, say.sentence(it, found))
        else:
            say.warning(say.sentence(it, found))
    if stock:
        say.warning(verdict.STOCK_WARNING)


def run(args: argparse.Namespace) -> int:
    """Returns 0; raises Refused before anything is changed. Where qubesd refuses later, what was
    changed is changed back."""
    pool.check_driver(args.app)
    chosen = target.choose(args)
    _check_kernels(list(disposable.read_all(chosen.affected)))
    plan = None if args.no_pool else pool.plan(args.app, args.pool)
    # The pool first: else disposables that start meanwhile would have Qubes' own encryption.
    with Undo() as undo:
        if plan:
            _set_pool(args, plan, chosen.dom0, undo)
        _set_features(args, chosen, undo)
    _finish(args, chosen.affected)
    return 0
