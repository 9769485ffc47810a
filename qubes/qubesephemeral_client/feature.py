# SPDX-License-Identifier: GPL-2.0-or-later
"""The feature that asks for a fully ephemeral disposable."""

from typing import Any

import qubesadmin.exc

from . import names


def own(vm: Any, name: str = names.FEATURE) -> str | None:
    """The value that is set on the qube itself: None is unset, '' is off."""
    value: str | None = vm.features.get(name, None)
    return value


def is_wanted(vm: Any) -> bool:
    """What holds for the qube: its own value, its templates', or dom0's for all."""
    try:
        value = vm.qubesd_call(
            vm.name, "admin.vm.feature.CheckWithTemplateAndAdminVM", names.FEATURE
        )
    except qubesadmin.exc.QubesFeatureNotFoundError:
        return False
    return bool(value)


def turn_on(vm: Any) -> None:
    """Sets it on the qube itself."""
    vm.features[names.FEATURE] = "1"


def turn_off(vm: Any) -> None:
    """Leaves the qube without, also where a template or dom0 has it."""
    unset(vm)
    if is_wanted(vm):
        vm.features[names.FEATURE] = ""


def unset(vm: Any, name: str = names.FEATURE) -> None:
    """The qube is as its template is, or dom0."""
    if own(vm, name) is not None:
        del vm.features[name]
