# SPDX-License-Identifier: GPL-2.0-or-later
"""The extension of qubesd: makes disposables fully ephemeral, and sees that they are.

What is set in qubes.xml does not last (a change of the template makes root and private writable again,
a creation with a pool drops `ephemeral`), so it is made anew before each start.
"""
import logging
import weakref

import qubes.exc
import qubes.ext
import qubes.vm.adminvm
import qubes.vm.dispvm
import qubes.vm.qubesvm

from . import kernel, policy, proof, scope, wanted
from .pool import EphemeralPool
from .refusal import NotReady, check_deletion, nameless, place

LOG = logging.getLogger("qubes.ext.ephemeral")

DispVM = qubes.vm.dispvm.DispVM
QubesVM = qubes.vm.qubesvm.QubesVM


def _written(vm) -> tuple[dict, object]:
    """What qubes.xml keeps of what is changed here."""
    volumes = {name: dict(volume.config) for name, volume in vm.volumes.items()}
    return volumes, vm.features.get(policy.APPLIED, None)


def _apply_if_ready(vm) -> bool:
    """For events that must not fail: qubesd loads its domains in some. What cannot be done here is
    refused at the start. One that runs has the disks that it was started with: what is said of them
    stays true. Tells whether something has changed."""
    try:
        if vm.is_halted() and wanted.is_wanted(vm) and not policy.missing(vm):
            before = _written(vm)
            policy.apply(vm)
            return before != _written(vm)
    except Exception as error:  # pylint: disable=broad-except
        LOG.error("cannot prepare a disposable, its start will say why: %s", place(error))
    return False


class EphemeralExtension(qubes.ext.Extension):
    """Handlers are bound to DispVM: bound to a base class they would be called before the disposable
    has volumes (qubes/events.py)."""

    #: What was changed when it was loaded. Whoever fires another event saves qubes.xml.
    unsaved: weakref.WeakSet = weakref.WeakSet()

    def _save(self, vm) -> None:
        """A start does not. If qubesd is killed the next one must know what the domain was started with.

        :raises NotReady: if it cannot be
        """
        try:
            vm.app.save()
        except OSError as error:
            raise NotReady(vm, [f"qubes.xml cannot be saved: {error.strerror}"]) from error
        self.unsaved.clear()

    @qubes.ext.handler("domain-add", system=True)
    def on_domain_add(self, app, event, vm):
        """A new disposable: before its volumes are made on disk."""
        # pylint: disable=unused-argument
        if not isinstance(vm, DispVM):
            return
        try:
            if wanted.is_wanted(vm) and not policy.missing(vm):
                policy.choose_pool(vm)
        except Exception as error:  # pylint: disable=broad-except
            LOG.error("cannot choose the pool of a disposable's volatile volume: %s", place(error))
        _apply_if_ready(vm)

    @qubes.ext.handler(
        "domain-load", "domain-create-on-disk", "property-set:template", vm=DispVM
    )
    def on_volumes_made(self, vm, event, **kwargs):
        """The volumes are what qubes.xml, a pool or the template says."""
        # pylint: disable=unused-argument
        if _apply_if_ready(vm) and event == "domain-load":
            self.unsaved.add(vm)

    @qubes.ext.handler("domain-pre-start", vm=DispVM)
    async def on_pre_start(self, vm, event, **kwargs):
        """Nothing has been started yet, and nothing is changed before all that is needed is there."""
        # pylint: disable=unused-argument
        before = _written(vm)
        if wanted.is_wanted(vm):
            await kernel.prime(vm)
            reasons = policy.missing(vm)
            if reasons:
                raise NotReady(vm, reasons)
            await policy.move(vm)
            policy.apply(vm)
        else:
            policy.undo(vm)
        if before != _written(vm) or vm in self.unsaved:
            self._save(vm)

    @qubes.ext.handler("domain-pre-spawn", vm=DispVM)
    def on_pre_spawn(self, vm, event, **kwargs):
        """libvirt's XML is written next. The start may have waited long for another domain, and Qubes
        lets the volumes of one that does not run yet be changed."""
        # pylint: disable=unused-argument
        changed = policy.open_volumes(vm) if wanted.is_wanted(vm) else []
        if changed:
            raise NotReady(vm, [f"its volume {name} was changed during the start" for name in changed])

    @qubes.ext.handler("domain-spawn")
    async def on_spawn(self, vm, event, **kwargs):
        """The domain is there with its disks, and has not run yet."""
        # pylint: disable=unused-argument
        if not isinstance(vm, QubesVM):
            return
        await proof.look(vm)

    @qubes.ext.handler("domain-pre-unpaused", "domain-unpaused", vm=DispVM)
    async def on_unpaused(self, vm, event, **kwargs):
        """A qubesd that was killed before it had looked has left the domain paused."""
        # pylint: disable=unused-argument
        if wanted.is_wanted(vm):
            await proof.look_later(vm)

    @qubes.ext.handler("domain-start-failed")
    async def on_start_failed(self, vm, event, **kwargs):
        """Where one volume cannot be started Qubes leaves the others as they are: a key with them."""
        # pylint: disable=unused-argument
        if not isinstance(vm, QubesVM) or not vm.is_halted():
            return
        for volume in policy.own_volumes(vm):
            try:
                await volume.stop()
            except qubes.exc.StoragePoolException as error:
                LOG.error("cannot stop a volume after a failed start: %s", nameless(vm, error))

    @qubes.ext.handler("domain-pre-delete", system=True)
    def on_pre_delete(self, app, event, vm):
        """A named disposable of ours is not deleted because a start has failed."""
        # pylint: disable=unused-argument
        check_deletion(vm)

    @qubes.ext.handler(f"domain-feature-pre-set:{wanted.WANTED}")
    def on_wanted(self, vm, event, value, **kwargs):
        """Refused at once, and not at the next start, where it can be seen already."""
        # pylint: disable=unused-argument
        # A new disposable takes its template's features before it is one of the domains.
        if value and vm in vm.app.domains:
            scope.check(vm)

    @qubes.ext.handler("domain-load", vm=qubes.vm.adminvm.AdminVM)
    def on_load(self, vm, event, **kwargs):
        """qubes.xml is loaded. The driver itself cannot see which pools there are."""
        # pylint: disable=unused-argument
        for pool in vm.app.pools.values():
            if isinstance(pool, EphemeralPool):
                pool.app = vm.app

    @qubes.ext.handler("pool-add", system=True)
    def on_pool_add(self, app, event, pool):
        """The same for one more, whose store is looked at."""
        # pylint: disable=unused-argument
        if not isinstance(pool, EphemeralPool) or pool.store_pool is None:
            return
        pool.app = app
        store = app.pools.get(pool.store_pool)
        if store is None or isinstance(store, EphemeralPool):
            del app.pools[pool.name]
            why = "there is none" if store is None else "its driver is ephemeral too"
            raise qubes.exc.StoragePoolException(
                f"cannot use {pool.store_pool} as store_pool: {why}"
            )

    @qubes.ext.handler("pool-pre-delete", system=True)
    def on_pool_pre_delete(self, app, event, pool):
        """Qubes does not know that a pool is another's store."""
        # pylint: disable=unused-argument
        for other in app.pools.values():
            if isinstance(other, EphemeralPool) and other.store_pool == pool.name:
                raise qubes.exc.QubesPoolInUseError(
                    pool, f"Storage pool is in use: it is the store_pool of {other.name}"
                )
