# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom a feature of a domain's decides on, and whether they are ready for it."""
import qubes.vm.adminvm
import qubes.vm.dispvm

from . import policy, wanted
from .refusal import NotReady


def _chain(vm):
    """The domain, its template, the template of that: in this order a feature is looked for."""
    while vm is not None:
        yield vm
        vm = getattr(vm, "template", None)


def _decides(subject, vm) -> bool:
    """Whether nothing nearer to the domain says otherwise."""
    for other in _chain(vm):
        if other is subject:
            return True
        if wanted.WANTED in other.features:
            return False
    return isinstance(subject, qubes.vm.adminvm.AdminVM)


def _missing(vm) -> list[str]:
    if isinstance(vm, qubes.vm.dispvm.DispVM):
        return policy.missing(vm)
    # What it makes will boot what it boots.
    if getattr(vm, "template_for_dispvms", False):
        return policy.missing_in_dom0(vm)
    return []


def check(subject) -> None:
    """Called before the feature is set on the domain.

    :raises NotReady: for a disposable, or a disposable template, that would not be started then
    """
    for vm in subject.app.domains:
        reasons = _missing(vm) if _decides(subject, vm) else []
        if reasons:
            raise NotReady(vm, reasons)
