# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done with a domain that has its disks and has not run yet."""
import logging

import qubes.exc

from . import command, policy, wanted
from .refusal import nameless

# Not the domain's own log, which is a file of its name: a disposable's name is to be in no more files.
LOG = logging.getLogger("qubes.ext.ephemeral")

#: The numbers of the domains for which it was done. Xen gives a number to one domain until it has run out
#: of them, and each start does it anyway.
LOOKED_AT: set[int] = set()


async def _arm(vm) -> None:
    for volume in policy.own_volumes(vm):
        try:
            await volume.arm()
        except qubes.exc.StoragePoolException as error:
            # A disposable's proof says so too, and has the answer that is configured.
            why = nameless(vm, error)
            LOG.error("domain %d: a volatile volume does not remove itself: %s", vm.xid, why)


async def _prove(vm) -> None:
    if not policy.is_provable(vm):
        LOG.warning(
            "domain %d: its volatile volume is encrypted by Qubes (AES-128-XTS, cryptsetup), which "
            "is not proven: set default_pool_volatile to a pool of the driver ephemeral",
            vm.xid,
        )
        return
    try:
        await command.verify(vm.xid)
    except command.CommandError as error:
        LOG.error("domain %d: %s", vm.xid, nameless(vm, error))
        if policy.kills_on_failure(vm):
            raise


async def look(vm) -> None:
    """Has the volumes remove themselves, and proves the promise.

    :raises CommandError: if it is broken, unless a warning is configured
    """
    await _arm(vm)
    if wanted.is_disposable(vm) and wanted.is_wanted(vm):
        await _prove(vm)
    LOOKED_AT.add(vm.xid)


async def look_later(vm) -> None:
    """The same for a domain of a qubesd that ended before it could. One that was started before it was
    turned on has writable disks: it stays as it is. What fails is killed.

    :raises CommandError: then
    """
    if vm.xid in LOOKED_AT or policy.open_volumes(vm):
        return
    try:
        await look(vm)
    except command.CommandError:
        await vm.kill()
        raise
