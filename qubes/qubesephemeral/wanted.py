# SPDX-License-Identifier: GPL-2.0-or-later
"""Which domains are to be fully ephemeral."""

WANTED = "ephemeral-disposable"

#: Of our pools (qubes/entry_points.txt).
DRIVER = "ephemeral"


def feature(vm, name: str) -> str | None:
    """The feature of the disposable, of its template, of the template of that, or of dom0."""
    value = vm.features.check_with_template(name, None)
    if value is None:
        value = vm.app.domains["dom0"].features.get(name, None)
    return value


def is_wanted(vm) -> bool:
    """Tells whether the disposable is to be fully ephemeral."""
    return bool(feature(vm, WANTED))


def is_disposable(vm) -> bool:
    """Tells it without importing its class, which a later Qubes may keep elsewhere."""
    named = any(cls.__name__ == "DispVM" for cls in type(vm).__mro__)
    return named or hasattr(vm, "auto_cleanup")


def concerns(vm) -> bool:
    """Tells whether a disposable may fail to start because of us."""
    ours = any(getattr(volume.pool, "driver", None) == DRIVER for volume in vm.volumes.values())
    return ours or is_wanted(vm)
