# SPDX-License-Identifier: GPL-2.0-or-later
"""The storage pool of our driver, for volatile volumes."""

import os.path
from typing import Any, NamedTuple

from . import names, present
from .exc import Refused

# The store of a pool like these is a folder: unnamed files in it need no clean-up after a crash.
_FOLDERS = ("file", "file-reflink")
_DEVICES = ("lvm_thin", "zfs")

# The classes of qubes without volumes: qubesd has no answer when it is asked for theirs.
_WITHOUT_VOLUMES = ("AdminVM", "RemoteVM")

# Of our own driver.
_OPTIONS = ("dir_path", "store_pool")


class Plan(NamedTuple):
    """The pool, and the options to add it with: None where it is there."""

    name: str
    options: dict[str, str] | None


def default(app: Any) -> str:
    """The pool for volatile volumes of new qubes. If it is ours, the extension moves those of
    disposables there."""
    return str(app.default_pool_volatile)


def own_default(app: Any) -> str | None:
    """The same if somebody has set it; None where it is what Qubes chooses."""
    return None if app.property_is_default("default_pool_volatile") else default(app)


def set_default(app: Any, name: str | None) -> None:
    """Sets it; with None it is what Qubes chooses."""
    if name is None:
        del app.default_pool_volatile
    else:
        app.default_pool_volatile = name


def is_ours(app: Any, name: str) -> bool:
    """Whether its driver is ours."""
    return bool(name in app.pools and app.pools[name].driver == names.DRIVER)


def check_driver(app: Any) -> None:
    """Refuses where qubesd has no such driver."""
    if names.DRIVER not in app.pool_drivers:
        raise Refused(
            f"qubesd does not know the pool driver {names.DRIVER}: is the package"
            " qubes-ephemeral-dom0 installed, and was qubesd restarted since"
            " (sudo systemctl restart qubesd)?"
        )


def _options(app: Any, name: str) -> dict[str, str]:
    """Its store is where volatile volumes are by default: dom0's own filesystem may be small."""
    store = app.pools[default(app)]
    if store.driver in _FOLDERS:
        return {"dir_path": os.path.join(store.config["dir_path"], "ephemeral")}
    if store.driver in _DEVICES:
        return {"store_pool": store.name}
    if store.driver == names.DRIVER:
        # A second pool over the same store.
        return {key: store.config[key] for key in _OPTIONS if store.config.get(key)}
    raise Refused(
        f"cannot make a pool over {store.name}, where volatile volumes are by default, of the"
        f" driver {store.driver}: make one with qvm-pool add {name} {names.DRIVER} -o dir_path=DIR"
    )


def plan(app: Any, name: str | None) -> Plan:
    """Which pool is to be the default: name, the default itself if it is ours, or names.POOL."""
    if name is None:
        name = default(app) if is_ours(app, default(app)) else names.POOL
    if name not in app.pools:
        return Plan(name, _options(app, name))
    if not is_ours(app, name):
        raise Refused(
            f"pool {name} is there already, of the driver {app.pools[name].driver}:"
            " name another with --pool"
        )
    return Plan(name, None)


def users(app: Any, name: str) -> list[Any]:
    """The qubes with a volume in it."""

    def has_volume(vm: Any) -> bool:
        return any(volume.pool == name for volume in vm.volumes.values())

    vms = [vm for vm in present.all_of(app) if vm.klass not in _WITHOUT_VOLUMES]
    return present.those(has_volume, vms)
