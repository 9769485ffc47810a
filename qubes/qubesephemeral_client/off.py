# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral off: disposables are Qubes' own again from their next start."""

import argparse
from typing import Any

import qubesadmin.exc

from . import feature, names, pool, present, say, target

HELP = "disposables are as Qubes makes them, from their next start"


def _unset_all(args: argparse.Namespace, chosen: target.Target) -> None:
    # First: none of these is without for a moment.
    for vm in chosen.excluded:
        feature.put(vm, "1")
        say.done(args, f"{vm.name}: on")
    feature.put(chosen.dom0, None)
    # Templates too: somebody may have set it there, and a template is no disposable.
    kept = [vm.name for vm in chosen.excluded]
    for vm in present.all_of(args.app):
        if vm.klass != "AdminVM" and vm.name not in kept:
            present.call(lambda it: feature.put(it, None), vm)
    say.done(args, "off for all disposables")


def _earlier(app: Any, dom0: Any) -> str | None:
    """What default_pool_volatile was set to before on, if that can be set again."""
    name = feature.own(dom0, names.EARLIER)
    if name is None or (name in app.pools and not pool.is_ours(app, name)):
        return name
    say.warning(f"pool {name}, which default_pool_volatile was before, is not there any more")
    return None


def _give_back_default(args: argparse.Namespace, dom0: Any) -> None:
    if pool.is_ours(args.app, pool.default(args.app)):
        pool.set_default(args.app, _earlier(args.app, dom0))
        say.done(args, f"default_pool_volatile is {pool.default(args.app)}")
    # Set by somebody since: that is theirs.
    feature.put(dom0, None, names.EARLIER)


def _say_who_keeps(name: str, users: list[Any]) -> None:
    again = "then qvm-ephemeral off --all"
    halted = present.those(lambda vm: not vm.is_running(), users)
    running = [vm.name for vm in users if vm not in halted]
    if running:
        say.warning(
            f"pool {name} stays, since it has volumes of {', '.join(running)}: shut them down, {again}"
        )
    # What is closed was moved out of the pool: the end of this one has failed.
    for vm in halted:
        say.warning(
            f"pool {name} stays, since the volume of {vm.name}, which does not run, is still open:"
            f" sudo xen-ephemeral close {vm.name}-volatile, {again}"
        )


def _remove_pool(args: argparse.Namespace, name: str) -> bool:
    """Tells whether it is gone."""
    users = pool.users(args.app, name)
    if users:
        _say_who_keeps(name, users)
        return False
    try:
        args.app.remove_pool(name)
    except qubesadmin.exc.QubesException as error:
        say.warning(f"pool {name} stays: {error}")
        return False
    say.done(args, f"pool {name} removed")
    return True


def _retire_pools(args: argparse.Namespace, dom0: Any) -> None:
    """Those of our driver: with one left, the package cannot be removed. The extension moves volumes
    out of them while the feature is set, those of running qubes when they have ended."""
    ours = [name for name in list(args.app.pools) if pool.is_ours(args.app, name)]
    if any(pool.users(args.app, name) for name in ours):
        dom0.features[names.RETIRE] = "1"
    left = [name for name in ours if not _remove_pool(args, name)]
    if not left:
        feature.put(dom0, None, names.RETIRE)


def run(args: argparse.Namespace) -> int:
    """Returns 0."""
    chosen = target.choose(args)
    if chosen.everything:
        _unset_all(args, chosen)
        if not chosen.excluded:
            _give_back_default(args, chosen.dom0)
            _retire_pools(args, chosen.dom0)
        return 0
    for vm in chosen.vms:
        feature.turn_off(vm)
        say.done(args, f"{vm.name}: off")
    # Qubes copies a template's features to each disposable that it makes.
    for vm in chosen.apart:
        if feature.own(vm):
            say.warning(f"{vm.name}: is on by itself: qvm-ephemeral off {vm.name}")
    return 0
