# SPDX-License-Identifier: GPL-2.0-or-later
"""What a qubesd that was killed has left: open volumes that no domain has, and domains that nobody looked at.

It is done once, when qubesd starts. Each start of a domain waits for it, so that no volume is closed that
is being opened.
"""
import asyncio
import logging
import os
import sys

import qubes.ext
import qubes.vm.adminvm
import qubes.vm.qubesvm

from . import command, policy, proof
from .pool import EphemeralPool
from .refusal import place

LOG = logging.getLogger("qubes.ext.ephemeral")

#: The program that has the domains; others load qubes.xml too, and must not touch what it has.
QUBESD = "qubesd"

QubesVM = qubes.vm.qubesvm.QubesVM


def _is_in(pool: EphemeralPool, vid: str, store: str) -> bool:
    """Whether a volume of that name and store can only be this pool's: an unnamed file in its folder
    (command/device.c), or another pool's volume of the same domain."""
    if pool.store_pool is None:
        folder = os.path.realpath(getattr(pool, "dir_path", ""))
        return store == f"unnamed file in {folder}"
    name = vid.removesuffix(f"-{policy.VOLATILE}")
    # device-mapper writes a hyphen of a logical volume's name twice.
    words = store.replace("--", "-")
    return any(f"{before}{name}{after}{policy.VOLATILE}" in words for before in "/-" for after in "/-")


def _is_orphan(app, volume: dict) -> bool:
    """Of our pools, open by nobody, and of no domain that qubesd knows: it closes those of its own domains
    that do not run when it starts."""
    vid, store = volume["volume"], volume["store"]
    if volume["open"] or not store or not vid.endswith(f"-{policy.VOLATILE}"):
        return False
    if any(own.vid == vid for vm in app.domains for own in policy.own_volumes(vm)):
        return False
    pools = [pool for pool in app.pools.values() if isinstance(pool, EphemeralPool)]
    return any(_is_in(pool, vid, store) for pool in pools)


async def _close(app, volumes: list[dict]) -> None:
    closed = 0
    for volume in volumes:
        if _is_orphan(app, volume):
            await command.run("close", volume["volume"])
            closed += 1
    if closed:
        LOG.warning("closed %d volatile volumes that no domain has", closed)


async def _look(app, volumes: list[dict]) -> None:
    """One that is in use and does not remove itself was never looked at."""
    unarmed = {volume["volume"] for volume in volumes if volume["open"] and not volume["armed"]}
    for vm in app.domains:
        if any(own.vid in unarmed for own in policy.own_volumes(vm)) and not vm.is_halted():
            try:
                await proof.look_later(vm)
            except command.CommandError:
                continue  # it is killed, and the log says why


async def settle(app) -> None:
    """Never raises: qubesd starts all the same."""
    try:
        volumes = await command.volumes()
        await _close(app, volumes)
        await _look(app, volumes)
    except command.CommandError as error:
        # Its words may have a volume's name in them.
        LOG.error("cannot see to what was left open: %s", str(error).split(":", maxsplit=1)[0])
    except Exception as error:  # pylint: disable=broad-except
        LOG.error("cannot see to what was left open: %s", place(error))


class LeftoversExtension(qubes.ext.Extension):
    """Handlers of all domains."""

    task: asyncio.Task | None = None

    @qubes.ext.handler("domain-load", vm=qubes.vm.adminvm.AdminVM)
    def on_load(self, vm, event, **kwargs):
        """qubesd has made its event loop when it loads qubes.xml, and runs it after."""
        # pylint: disable=unused-argument
        if os.path.basename(sys.argv[0]) != QUBESD or not command.is_installed():
            return
        try:
            self.task = asyncio.get_event_loop().create_task(settle(vm.app))
        except RuntimeError as error:
            # Without a loop: qubes.xml is to be loaded all the same.
            LOG.error("cannot see to what was left open: %s", place(error))

    @qubes.ext.handler("domain-pre-start", vm=QubesVM)
    async def on_pre_start(self, vm, event, **kwargs):
        """Nothing is opened meanwhile."""
        # pylint: disable=unused-argument
        if self.task is not None:
            await asyncio.shield(self.task)
