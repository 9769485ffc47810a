# SPDX-License-Identifier: GPL-2.0-or-later
"""One volatile volume: a named volume of xen-ephemeral."""
import asyncio
import time
import typing

import qubes.exc
import qubes.storage

from . import command, device
from .store import Store, check_size
from .volatile import VolatileVolume

#: How long udev may take to make the link below /dev/mapper, in seconds.
LINK_SECONDS = 10.0

#: How long blkback may take to open a device that libxl has given to it, in seconds.
ARM_SECONDS = 10.0


async def _wait_for(condition: typing.Callable[[], bool], seconds: float) -> bool:
    """Looks again and again, less and less often. Returns whether it came true."""
    end = time.monotonic() + seconds
    pause = 0.01
    while not condition():
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(pause)
        pause = min(2 * pause, 0.5)
    return True


class EphemeralVolume(VolatileVolume):
    """A disk whose key nobody has, and which goes with the domain.

    It is encrypted whatever its property `ephemeral` says: with it Qubes calls `start_encrypted`,
    without it `start`, and both give the same device.
    """

    def __init__(self, *, store: Store, **config) -> None:
        super().__init__(**config)
        self._store = store
        self._opened = False

    async def _open(self) -> None:
        """Opens the device, once. What is there and was not opened by this object is left over from
        a start that failed or a qubesd that ended: a new domain must not meet its key."""
        if self._opened and self.is_open:
            return
        await self._close()
        options = await self._store.start(self.size)
        await command.run("open", "--name", self.vid, *options)
        self._opened = True
        if not await _wait_for(lambda: self.is_open, LINK_SECONDS):
            raise qubes.exc.StoragePoolException(
                f"cannot start {self.vid}: it was opened, and udev has made no {self.path}"
            )

    async def _close(self) -> None:
        self._opened = False
        await command.run("close", self.vid)

    @qubes.storage.Volume.locked
    async def create(self):
        """Sees that the size can be had, and creates the store."""
        self._size = check_size(self._size)
        await self._store.create()
        return self

    @qubes.storage.Volume.locked
    async def remove(self):
        """Ends the key, and removes the store."""
        await self._close()
        await self._store.remove()
        self.pool.forget(self)

    @qubes.storage.Volume.locked
    async def start(self):
        """Opens the device under a new key."""
        await self._open()
        return self

    @qubes.storage.Volume.locked
    async def start_encrypted(self, name):
        """The same: there is no other way to start it."""
        # pylint: disable=unused-argument
        await self._open()

    @qubes.storage.Volume.locked
    async def stop(self):
        """Ends the key, whether or not the volume was started. Raises only StoragePoolException."""
        await self._close()
        await self._store.stop()
        return self

    @qubes.storage.Volume.locked
    async def arm(self) -> None:
        """From now on the kernel removes the device with its last user. libxl returns before blkback
        has opened it, so that may take a moment.

        :raises StoragePoolException: if nothing opens it in time
        """
        end = time.monotonic() + ARM_SECONDS
        pause = 0.01
        while True:
            try:
                await command.run("arm", self.vid)
                return
            except command.CommandError:
                if time.monotonic() + pause >= end:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.5)

    @qubes.storage.Volume.locked
    async def resize(self, size):
        """Changes the size of the next device.

        :raises StoragePoolException: while there is one, whose size cannot change
        """
        if self.is_open:
            raise qubes.exc.StoragePoolException(
                f"cannot resize {self.vid}: it is in use; shut the domain down first"
            )
        size = check_size(size)
        await self._store.resize(size)
        self._size = size
        return self

    async def verify(self):
        """Sees before a start that the store can be had."""
        await self._store.verify()
        return True

    @property
    def usage(self):
        """What the store takes. Of a file without a name only a bound is known: what was written."""
        usage = self._store.usage if self.is_open else 0
        if usage is None:
            usage = min(device.bytes_written(self.path), self.size)
        return usage
