# SPDX-License-Identifier: GPL-2.0-or-later
"""What a disposable needs to be fully ephemeral: what of it is missing, and how it is given."""
import qubes.storage
import qubes.utils

from . import command, kernel
from .pool import EphemeralPool
from .volume import EphemeralVolume
from .wanted import feature

ON_FAILURE = "ephemeral-on-failure"

#: The volumes that were made read-only here, so that they can be made writable again.
APPLIED = "ephemeral-applied"

WARN = "warn"

VOLATILE = "volatile"


def kills_on_failure(vm) -> bool:
    """Tells whether a domain for which the promise is broken is killed."""
    return feature(vm, ON_FAILURE) != WARN


def own_volumes(vm) -> list[EphemeralVolume]:
    """The domain's volumes of our driver."""
    return [volume for volume in vm.volumes.values() if isinstance(volume, EphemeralVolume)]


def _is_volatile(volume) -> bool:
    return not volume.snap_on_start and not volume.save_on_stop


def _missing_volumes(vm) -> list[str]:
    reasons = []
    if VOLATILE not in vm.volumes:
        reasons.append("it has no volatile volume to write to: make it anew")
    for name, volume in vm.volumes.items():
        if volume.save_on_stop and volume.rw:
            reasons.append(f"its volume {name} is writable and kept: remove it")
    return reasons


def missing_in_dom0(vm) -> list[str]:
    """Returns what the domain's disposables would miss, each in words of what to do."""
    reasons = []
    if not command.is_installed():
        reasons.append(f"{command.PROGRAM} is missing: install the package xen-ephemeral")
    reason = kernel.missing(vm)
    if reason is not None:
        reasons.append(reason)
    return reasons


def missing(vm) -> list[str]:
    """Returns what the disposable misses, each in words of what to do. Changes nothing."""
    return _missing_volumes(vm) + missing_in_dom0(vm)


def _applied(vm) -> set[str]:
    return set((vm.features.get(APPLIED, None) or "").split())


def _remember(vm, names: set[str]) -> None:
    """Sets the feature only when it changes: each change is an event."""
    if names == _applied(vm):
        return
    if names:
        vm.features[APPLIED] = " ".join(sorted(names))
    else:
        del vm.features[APPLIED]


def apply(vm) -> None:
    """Makes the disposable's volumes what they must be: the volatile ones writable and encrypted, all
    others read-only. Done again it changes nothing."""
    made = _applied(vm)
    for name, volume in vm.volumes.items():
        if name == VOLATILE:
            volume.rw = True
        if not volume.rw:
            continue
        if _is_volatile(volume):
            volume.ephemeral = True
        else:
            volume.rw = False
            made.add(name)
    _remember(vm, made)


def open_volumes(vm) -> list[str]:
    """Returns the volumes that are writable and neither ours nor encrypted by Qubes."""
    return [
        name
        for name, volume in vm.volumes.items()
        if volume.rw and not volume.ephemeral and not isinstance(volume, EphemeralVolume)
    ]


def undo(vm) -> None:
    """Makes writable again what `apply` made read-only. That the volatile volume is encrypted stays:
    it does no harm."""
    for name in _applied(vm):
        if name in vm.volumes:
            vm.volumes[name].rw = True
    _remember(vm, set())


def _wanted_pool(vm) -> EphemeralPool | None:
    """The pool that the volatile volume belongs in, if it is not there."""
    pool = getattr(vm.app, "default_pool_volatile", None)
    volume = vm.volumes.get(VOLATILE)
    if not isinstance(pool, EphemeralPool) or volume is None:
        return None
    return None if isinstance(volume.pool, EphemeralPool) else pool


def exchange(vm, pool: qubes.storage.Pool) -> qubes.storage.Volume:
    """Has the volatile volume, which is empty, in another pool from now on."""
    old = vm.volumes[VOLATILE].config
    config = {
        "name": VOLATILE,
        "pool": pool,
        "size": vm.volumes[VOLATILE].size,
        "rw": True,
        "snap_on_start": False,
        "save_on_stop": False,
    }
    # Whoever had it encrypted by Qubes gets it back so.
    if "ephemeral" in old:
        config["ephemeral"] = old["ephemeral"]
    vm.volume_config[VOLATILE] = dict(config)
    return vm.storage.init_volume(VOLATILE, config)


def choose_pool(vm) -> None:
    """Has a new disposable's volatile volume made in the pool of our driver, if that is the default.
    Qubes takes it from the disposable template's own volume (dispvm.py, DispVM.__init__)."""
    pool = _wanted_pool(vm)
    if pool is not None:
        exchange(vm, pool)


async def move(vm) -> None:
    """The same for a disposable that is there. It does not run, so its volatile volume is empty."""
    pool = _wanted_pool(vm)
    if pool is None:
        return
    old = vm.volumes[VOLATILE]
    await old.stop_encrypted(old.encrypted_volume_path(vm.name, VOLATILE))
    new = exchange(vm, pool)
    await qubes.utils.coro_maybe(new.create())


def is_provable(vm) -> bool:
    """Tells whether xen-ephemeral can prove the promise: not for what Qubes encrypts by itself."""
    return all(
        isinstance(volume, EphemeralVolume)
        for volume in vm.volumes.values()
        if volume.rw and _is_volatile(volume)
    )
