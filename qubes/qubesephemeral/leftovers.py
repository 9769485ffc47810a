# SPDX-License-Identifier: GPL-2.0-or-later
"""What a qubesd that was killed has left: open volumes that no domain has, and domains that nobody looked at.

It is done once, when qubesd starts. Each start of a domain waits until the volumes are closed, so that none
is closed that is being opened. No start waits for a domain that is looked at: its end may take long.
"""
import asyncio
import contextlib
import logging
import os
import sys
import typing

import qubes.ext
import qubes.vm.adminvm
import qubes.vm.qubesvm

from . import command, policy, proof
from .pool import EphemeralPool
from .refusal import place

LOG = logging.getLogger("qubes.ext.ephemeral")

#: The program that has the domains; others load qubes.xml too, and must not touch what it has.
QUBESD = "qubesd"

#: How long a start waits for volumes to be closed, in seconds.
START_SECONDS = 30.0

#: What Qubes' drivers for files call a volatile volume, below the domain's folder.
FILES = (f"{policy.VOLATILE}.img", f"{policy.VOLATILE}-dirty.img")

QubesVM = qubes.vm.qubesvm.QubesVM


@contextlib.contextmanager
def _logged() -> typing.Iterator[None]:
    """What fails keeps nothing else from being done. Its words may have a volume's name in them."""
    try:
        yield
    except command.CommandError as error:
        LOG.error("cannot see to what was left open: %s", str(error).split(":", maxsplit=1)[0])
    except Exception as error:  # pylint: disable=broad-except
        LOG.error("cannot see to what was left open: %s", place(error))


def _is_volume_of(pool, name: str, store: str) -> bool:
    """Whether it is what Qubes' own driver makes as volatile volume of a domain of that name."""
    group = getattr(pool, "volume_group", None)
    if group is not None:
        # device-mapper writes a hyphen of a name twice (lvm.py, ThinVolume.path).
        volume = f"{group}/vm-{name}-{policy.VOLATILE}"
        return store == "/dev/mapper/" + volume.replace("-", "--").replace("/", "-")
    folder = getattr(pool, "dir_path", None)
    if folder is None or not store.startswith(os.path.realpath(folder) + "/"):
        return False
    parent, file = os.path.split(store)
    return os.path.basename(parent) == name and file in FILES


def _is_in(app, pool: EphemeralPool, vid: str, store: str) -> bool:
    """Whether a volume of that name and store can only be this pool's: an unnamed file in its folder
    (command/device.c), or its store pool's volume of the same domain."""
    if pool.store_pool is None:
        folder = os.path.realpath(getattr(pool, "dir_path", ""))
        return store == f"unnamed file in {folder}"
    name = vid.removesuffix(f"-{policy.VOLATILE}")
    return _is_volume_of(app.pools.get(pool.store_pool), name, store)


def _domains(app) -> list:
    """Those with volumes of ours."""
    return [vm for vm in app.domains if isinstance(vm, QubesVM) and policy.own_volumes(vm)]


def _is_orphan(app, volume: dict) -> bool:
    """Of our pools, open by nobody, and of no domain that qubesd knows: it closes those of its own domains
    that do not run when it starts."""
    vid, store = volume["volume"], volume["store"]
    if volume["open"] or not store or not vid.endswith(f"-{policy.VOLATILE}"):
        return False
    if any(own.vid == vid for vm in _domains(app) for own in policy.own_volumes(vm)):
        return False
    pools = [pool for pool in app.pools.values() if isinstance(pool, EphemeralPool)]
    return any(_is_in(app, pool, vid, store) for pool in pools)


async def _close(app, vid: str) -> None:
    """Looks again first: others were closed since, and one that is opened meanwhile would lose its key."""
    if any(_is_orphan(app, volume) for volume in await command.volumes() if volume["volume"] == vid):
        await command.run("close", vid)
        LOG.warning("closed a volatile volume that no domain has")


def _sort(app, volumes: list[dict]) -> list:
    """Returns the domains that nobody has looked at: those in use that do not remove themselves. What is
    armed and runs was proved before it ran. What is armed and paused may not have been."""
    armed = {volume["volume"] for volume in volumes if volume["armed"]}
    unarmed = {volume["volume"] for volume in volumes if volume["open"]} - armed
    found = []
    for vm in _domains(app):
        with _logged():
            if vm.is_halted():
                continue
            vids = {own.vid for own in policy.own_volumes(vm)}
            if vids & unarmed:
                found.append(vm)
            elif vids <= armed and not vm.is_paused():
                proof.LOOKED_AT.add(vm.xid)
    return found


async def _look(vm) -> None:
    """What fails is killed, and the log says why."""
    with _logged(), contextlib.suppress(command.CommandError):
        await proof.look_later(vm)


class LeftoversExtension(qubes.ext.Extension):
    """Handlers of all domains."""

    #: What a start waits for.
    task: asyncio.Task | None = None

    #: What nothing waits for: kept here, since the event loop does not.
    looks: list[asyncio.Task] = []

    async def settle(self, app) -> None:
        """Never raises: qubesd starts all the same."""
        with _logged():
            volumes = await command.volumes()
            self.looks = [asyncio.create_task(_look(vm)) for vm in _sort(app, volumes)]
            for volume in volumes:
                with _logged():
                    if _is_orphan(app, volume):
                        await _close(app, volume["volume"])

    @qubes.ext.handler("domain-load", vm=qubes.vm.adminvm.AdminVM)
    def on_load(self, vm, event, **kwargs):
        """qubesd has made its event loop when it loads qubes.xml, and runs it after."""
        # pylint: disable=unused-argument
        if os.path.basename(sys.argv[0]) != QUBESD or not command.is_installed():
            return
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError as error:
            # Without a loop: qubes.xml is to be loaded all the same.
            LOG.error("cannot see to what was left open: %s", place(error))
            return
        self.task = loop.create_task(self.settle(vm.app))

    @qubes.ext.handler("domain-pre-start", vm=QubesVM)
    async def on_pre_start(self, vm, event, **kwargs):
        """Nothing is opened meanwhile."""
        # pylint: disable=unused-argument
        if self.task is None or self.task.done():
            return
        try:
            await asyncio.wait_for(asyncio.shield(self.task), START_SECONDS)
        except asyncio.TimeoutError:
            LOG.error("volumes that were left open are still being closed: a start waits no longer")
