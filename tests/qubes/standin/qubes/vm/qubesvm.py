# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.qubesvm"""
import copy
import itertools
import typing

import qubes.exc
import qubes.storage
import qubes.utils
import qubes.vm

DEFAULT_SIZE = 64 << 20

_xids = itertools.count(1)


def template_changed_update_storage(vm):
    """Snapshots of a template's volumes begin anew, writable (qubes/vm/appvm.py)."""
    for name, config in vm.default_volume_config.items():
        if config.get("snap_on_start") and config.get("source") is None:
            vm.volume_config[name] = dict(config)
            vm.storage.init_volume(name, vm.volume_config[name])


class QubesVM(qubes.vm.LocalVM):
    """A domain with volumes."""

    default_volume_config: dict = {}
    volume_keys = ("name", "pool", "size", "rw", "snap_on_start", "save_on_stop", "source")

    def __init__(self, app, name, *, kernel, virt_mode="pvh", template=None):
        super().__init__(app, name)
        self.kernel = kernel
        self.virt_mode = virt_mode
        self._template = template
        self.volume_config = copy.deepcopy(self.default_volume_config)
        self.storage: typing.Any = None
        self.running = self.paused = False
        self.xid = -1
        self.disks = []

    def set_up(self):
        """Volumes, and from here on events: what the base class' __init__ does at its end."""
        self.storage = qubes.storage.Storage(self)
        self.events_enabled = True

    @property
    def klass(self):
        """The class' name."""
        return type(self).__name__

    def is_halted(self):
        """Whether it does not run."""
        return not self.running

    def is_paused(self):
        """Whether it is there and does not run."""
        return self.paused

    async def pause(self):
        """Stops it for a while."""
        self.paused = True

    async def unpause(self):
        """Has it go on."""
        await self.fire_event_async("domain-pre-unpaused", pre_event=True)
        self.paused = False
        await self.fire_event_async("domain-unpaused")

    async def create_on_disk(self, pool=None):
        """With a pool, only a part of the volumes' configuration is kept."""
        if pool is not None:
            self.volume_config = {
                name: {
                    **{key: config[key] for key in self.volume_keys if key in config},
                    **({} if config.get("snap_on_start") else {"pool": pool}),
                }
                for name, config in self.volume_config.items()
            }
            self.storage = qubes.storage.Storage(self)
        await self.storage.create()
        await self.fire_event_async("domain-create-on-disk")

    async def _start_storage(self):
        try:
            await self.storage.verify()
            await self.storage.start()
        except Exception as error:
            await self.fire_event_async("domain-start-failed", reason=str(error))
            raise

    async def _spawn(self):
        try:
            await self.fire_event_async("domain-pre-spawn", pre_event=True, start_guid=True)
            self.disks = list(self.storage.block_devices())
            if self.app.spawn_error is not None:
                raise self.app.spawn_error
            self.running, self.paused, self.xid = True, True, next(_xids)
        except Exception as error:
            await self.fire_event_async("domain-start-failed", reason=str(error))
            await self.storage.stop()
            raise

    async def _activate(self):
        try:
            await self.fire_event_async("domain-spawn", start_guid=True)
            await self.unpause()
            await self.fire_event_async("domain-start", start_guid=True)
        except Exception as error:
            await self.fire_event_async("domain-start-failed", reason=str(error))
            await self.kill()
            raise

    async def start(self):
        """The order of events and of storage is the original's."""
        prohibited = self.features.get("prohibit-start", False)
        try:
            if prohibited:
                raise qubes.exc.QubesException(f"Qube start is prohibited: {prohibited}")
            await self.fire_event_async("domain-pre-start", pre_event=True, start_guid=True)
        except Exception as error:
            await self.fire_event_async("domain-start-failed", reason=str(error))
            raise
        await self._start_storage()
        await self._spawn()
        await self._activate()

    async def kill(self):
        """Ends the domain. What is raised here beside StoragePoolException is the caller's."""
        if not self.running:
            raise qubes.exc.QubesVMNotStartedError(self.name)
        self.running, self.paused, self.xid = False, False, -1
        try:
            await self.storage.stop()
        except qubes.exc.StoragePoolException:
            pass
        await self.fire_event_async("domain-shutdown")
