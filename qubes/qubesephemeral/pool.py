# SPDX-License-Identifier: GPL-2.0-or-later
"""The storage pool driver `ephemeral`: volatile volumes over a folder, or over another pool.

qubesd does not start where this cannot be imported while qubes.xml has such a pool. So what does the work
is imported when a volume is made, and a volume that refuses stands in for it if it cannot be.
"""
import asyncio
import logging
import os
import typing

import qubes.exc
import qubes.storage

from . import wanted
from .refusal import place
from .volatile import BrokenVolume, VolatileVolume

LOG = logging.getLogger("qubes.storage.ephemeral")


def _check_folder(folder: str) -> None:
    """Makes the folder if it is missing, and sees that it can have unnamed files."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.close(os.open(folder, os.O_TMPFILE | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


class EphemeralPool(qubes.storage.Pool):
    """A pool of encrypted disks under keys that nobody has."""

    driver = wanted.DRIVER

    def __init__(
        self,
        *,
        name,
        dir_path=None,
        store_pool=None,
        revisions_to_keep=0,
        ephemeral_volatile=True,
    ):
        """Called while qubes.xml is loaded, with strings: nothing is looked at and nothing refused
        here, since qubesd would not start."""
        super().__init__(
            name=name,
            revisions_to_keep=int(revisions_to_keep),
            ephemeral_volatile=ephemeral_volatile,
        )
        # Qubes looks for a folder in each pool that has the attribute (search_pool_containing_dir).
        if dir_path is not None:
            self.dir_path = os.path.normpath(dir_path)
        self.store_pool = store_pool
        self._volumes: dict[str, VolatileVolume] = {}
        #: Where other pools are looked for; the extension sets it, since Qubes tells a driver of no other.
        self.app: typing.Any = None

    @property
    def _folder(self) -> str:
        """The folder; of a pool that was written into qubes.xml without one, none that is there."""
        return getattr(self, "dir_path", "")

    @property
    def config(self):
        """What qubes.xml keeps. What is not set is left out: it would come back as a word."""
        config = {
            "name": self.name,
            "driver": self.driver,
            "revisions_to_keep": self.revisions_to_keep,
            "ephemeral_volatile": self.ephemeral_volatile,
        }
        if hasattr(self, "dir_path"):
            config["dir_path"] = self.dir_path
        if self.store_pool is not None:
            config["store_pool"] = self.store_pool
        return config

    async def setup(self):
        """Called when the pool is added.

        :raises StoragePoolException: for options that do not fit, or a folder that cannot be used
        """
        if hasattr(self, "dir_path") == (self.store_pool is not None):
            raise qubes.exc.StoragePoolException(
                f"cannot add pool {self.name}: either dir_path or store_pool must be given"
            )
        if not hasattr(self, "dir_path"):
            return
        if not os.path.isabs(self.dir_path):
            raise qubes.exc.StoragePoolException(
                f"cannot add pool {self.name}: {self.dir_path}: a folder's whole path is needed, from /"
            )
        try:
            await asyncio.to_thread(_check_folder, self.dir_path)
        except OSError as error:
            raise qubes.exc.StoragePoolException(
                f"cannot add pool {self.name}: {self.dir_path}: {error.strerror} "
                "(a folder is needed whose filesystem has O_TMPFILE)"
            ) from error

    async def destroy(self):
        """Nothing is left in a folder when its volumes are stopped."""

    def _make_volume(self, vm, config: dict) -> VolatileVolume:
        try:
            # pylint: disable=import-outside-toplevel
            from . import store, volume

            made = store.make(vm, self._folder, self.store_pool, config)
            return volume.EphemeralVolume(store=made, **config)
        except Exception as error:  # pylint: disable=broad-except
            reason = f"{place(error)}: {error}"
            LOG.error("cannot load the storage driver ephemeral: %s", reason)
            return BrokenVolume(reason=reason, **config)

    def init_volume(self, vm, volume_config):
        """Makes the object of a volatile volume. Nothing is looked at on disk.

        :raises QubesNotImplementedError: for a volume of another kind. It is a NotImplementedError, as
            Qubes asks for, whose words come to the user; those of a plain one end in the log
        """
        kinds = ("snap_on_start", "save_on_stop", "source")
        if any(volume_config.get(kind) for kind in kinds):
            raise qubes.exc.QubesNotImplementedError(
                f"pool {self.name} (driver {self.driver}) has volatile volumes only: use it as "
                "default_pool_volatile, or with -p volatile="
            )
        config = dict(volume_config)
        config.setdefault("vid", f"{vm.name}-{config['name']}")
        config.update(pool=self, revisions_to_keep=0)
        volume = self._make_volume(vm, config)
        self._volumes[volume.vid] = volume
        return volume

    def forget(self, volume: VolatileVolume) -> None:
        """The volume is removed."""
        if self._volumes.get(volume.vid) is volume:
            del self._volumes[volume.vid]

    def list_volumes(self):
        """The volumes of all domains."""
        return list(self._volumes.values())

    def get_volume(self, vid):
        """The volume of that id, or KeyError."""
        return self._volumes[vid]

    def included_in(self, app):
        """The pool that the ciphertext takes its room from, or None."""
        if self.store_pool is not None:
            return app.pools.get(self.store_pool)
        others = [pool for pool in app.pools.values() if pool is not self]
        return qubes.storage.search_pool_containing_dir(others, self._folder)

    def _filesystem(self) -> os.statvfs_result | None:
        try:
            return os.statvfs(self._folder)
        except OSError:
            return None

    def _of_store(self, name: str):
        """What the other pool answers."""
        return None if self.app is None else getattr(self.app.pools.get(self.store_pool), name, None)

    @property
    def size(self):
        """Of the folder's filesystem, or of the other pool, in bytes."""
        if self.store_pool is not None:
            return self._of_store("size")
        found = self._filesystem()
        return None if found is None else found.f_blocks * found.f_frsize

    @property
    def usage(self):
        """The same."""
        if self.store_pool is not None:
            return self._of_store("usage")
        found = self._filesystem()
        return None if found is None else (found.f_blocks - found.f_bfree) * found.f_frsize
