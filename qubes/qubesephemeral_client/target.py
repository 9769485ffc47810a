# SPDX-License-Identifier: GPL-2.0-or-later
"""The qubes that on and off are about."""

import argparse
from typing import Any, NamedTuple

from . import disposable, feature, present
from .exc import Refused


class Target(NamedTuple):
    """vms get or lose the feature; affected are the disposables that are others by it; apart are
    those of a template among vms that are not, since they have a value of their own."""

    everything: bool
    dom0: Any
    vms: list[Any]
    affected: list[Any]
    apart: list[Any]
    excluded: list[Any]


def _check(vm: Any) -> None:
    if not disposable.kind_of(vm):
        raise Refused(
            f"{vm.name} is neither a disposable nor a disposable template"
            f" (qvm-prefs {vm.name} template_for_dispvms True makes it one)"
        )


def _excluded(args: argparse.Namespace) -> list[Any]:
    found = []
    for name in args.exclude:
        if name not in args.app.domains:
            raise Refused(f"cannot exclude {name}: no such qube")
        found.append(args.app.domains[name])
        _check(found[-1])
    return found


def _is_of(vm: Any, leaders: list[Any]) -> bool:
    return vm.klass == "DispVM" and vm.template in leaders


def _follows(vm: Any, leaders: list[Any]) -> bool:
    """Whether it has no value of its own and is a disposable of one of the leaders."""
    return _is_of(vm, leaders) and feature.own(vm) is None


def _choose_all(args: argparse.Namespace) -> Target:
    excluded = _excluded(args)
    vms = [vm for vm in disposable.all_of(args.app) if vm not in excluded]
    # What an excluded template's disposables are is decided by the template.
    affected = present.those(lambda vm: not _follows(vm, excluded), vms)
    return Target(True, args.app.domains["dom0"], vms, affected, [], excluded)


def choose(args: argparse.Namespace) -> Target:
    """Understands --all, --exclude and the names."""
    if args.all_domains:
        return _choose_all(args)
    vms = args.domains
    for vm in vms:
        _check(vm)
    others = [vm for vm in disposable.all_of(args.app) if vm not in vms]
    others = present.those(lambda vm: _is_of(vm, vms), others)
    followers = present.those(lambda vm: _follows(vm, vms), others)
    apart = [vm for vm in others if vm not in followers]
    return Target(False, args.app.domains["dom0"], vms, vms + followers, apart, [])
