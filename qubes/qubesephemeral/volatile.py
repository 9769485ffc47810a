# SPDX-License-Identifier: GPL-2.0-or-later
"""What a volatile volume of ours is, whether or not it can be started."""
import qubes.exc
import qubes.storage

from . import device


class VolatileVolume(qubes.storage.Volume):
    """A named volume of xen-ephemeral."""

    path: str

    def __init__(self, *, name, pool, vid, **config) -> None:
        super().__init__(name, pool, vid, **config)
        self.path = device.path(vid)

    @property
    def is_open(self) -> bool:
        """Whether the device is there."""
        return device.is_open(self.path)

    async def stop(self):
        """Each class' own."""
        raise NotImplementedError

    async def stop_encrypted(self, name):
        """The same as without encryption by Qubes."""
        # pylint: disable=unused-argument
        await self.stop()

    async def import_volume(self, src_volume):
        """A clone of a domain begins with a volatile volume of its own."""
        # pylint: disable=unused-argument
        return self

    def encrypted_volume_path(self, qube_name, device_name):
        """The device, which is the same with and without the property `ephemeral`."""
        return self.path

    def is_dirty(self):
        """Whether it has not been stopped."""
        return self.is_open

    def is_outdated(self):
        """It is a snapshot of nothing."""
        return False

    @property
    def revisions(self):
        """There are none."""
        return {}


class BrokenVolume(VolatileVolume):
    """Stands where the driver cannot be loaded: qubes.xml keeps the volume, and nothing starts it."""

    def __init__(self, *, reason: str, **config) -> None:
        super().__init__(**config)
        self._reason = reason

    def _refuse(self, action: str) -> qubes.exc.StoragePoolException:
        return qubes.exc.StoragePoolException(
            f"cannot {action} {self.vid}: the storage driver ephemeral cannot be loaded "
            f"({self._reason}): install a qubes-ephemeral-dom0 that fits this Qubes, and restart qubesd"
        )

    async def create(self):
        """Refuses."""
        raise self._refuse("create")

    async def verify(self):
        """Refuses, before anything of the domain is started."""
        raise self._refuse("start")

    async def start(self):
        """Refuses."""
        raise self._refuse("start")

    async def start_encrypted(self, name):
        """Refuses."""
        raise self._refuse("start")

    async def resize(self, size):
        """Refuses."""
        raise self._refuse("resize")

    async def stop(self):
        """The device of a domain that has ended has gone by itself, if it was armed. Refuses if not:
        the key is still there."""
        if self.is_open:
            raise self._refuse("close")
        return self

    async def remove(self):
        """There is nothing to remove but what another pool keeps."""
        await self.stop()
        self.pool.forget(self)
