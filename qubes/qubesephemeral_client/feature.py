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


def put(vm: Any, value: str | None, name: str = names.FEATURE) -> None:
    """Sets it on the qube itself, or with None removes it. Sets only what is not so."""
    if own(vm, name) == value:
        return
    if value is None:
        del vm.features[name]
    else:
        vm.features[name] = value


def turn_off(vm: Any) -> None:
    """Leaves the qube without, also where a template or dom0 has it."""
    put(vm, None)
    if is_wanted(vm):
        put(vm, "")
