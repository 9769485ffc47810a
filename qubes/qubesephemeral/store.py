# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a volume's ciphertext lands: an unnamed file in a folder, or a volume of another pool."""
import os
import stat

import qubes.exc
import qubes.storage
import qubes.utils

#: What `xen-ephemeral open` takes: at least this, in whole blocks of this.
SIZE_MIN = 2 << 20
SIZE_STEP = 4096


def check_size(size: int) -> int:
    """Returns the size in bytes, rounded up to whole blocks.

    :raises StoragePoolException: for one that is too small
    """
    if size < SIZE_MIN:
        raise qubes.exc.StoragePoolException(
            f"cannot use a size of {size} bytes: an encrypted disk has at least {SIZE_MIN}"
        )
    return -(-size // SIZE_STEP) * SIZE_STEP


class FolderStore:
    """An unnamed file: it is there while the device is, and nothing has to be done for it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    async def create(self) -> None:
        """There is nothing to create."""

    async def remove(self) -> None:
        """There is nothing to remove."""

    async def resize(self, size: int) -> None:
        """The next file has the new size."""

    async def verify(self) -> None:
        """Sees that the folder is there.

        :raises StoragePoolException: if not
        """
        try:
            is_folder = stat.S_ISDIR(os.stat(self.folder).st_mode)
        except OSError as error:
            raise qubes.exc.StoragePoolException(
                f"cannot use the folder {self.folder}: {error.strerror}"
            ) from error
        if not is_folder:
            raise qubes.exc.StoragePoolException(
                f"cannot use the folder {self.folder}: it is no folder"
            )

    async def start(self, size: int) -> tuple[str, ...]:
        """Returns the options of `xen-ephemeral open`."""
        return ("--dir", self.folder, "--size", str(size))

    async def stop(self) -> None:
        """The file goes with the device."""

    @property
    def usage(self) -> int | None:
        """Not known: the file has no name."""
        return None


class PoolStore:
    """A volatile volume of another pool, which knows nothing of its being a store."""

    def __init__(self, vm, pool_name: str, config: dict) -> None:
        self._vm = vm
        self._pool_name = pool_name
        self._config = config
        self._volume: qubes.storage.Volume | None = None

    @property
    def volume(self) -> qubes.storage.Volume:
        """Made when it is first needed, so that qubes.xml loads without the pool too.

        :raises QubesException: if there is no such pool
        """
        if self._volume is None:
            pool = self._vm.app.get_pool(self._pool_name)
            self._volume = pool.init_volume(self._vm, dict(self._config))
        return self._volume

    async def _call(self, action: str, *arguments):
        """The other driver raises what it likes. Qubes expects one kind (qubesvm.py,
        on_domain_stopped), and goes on with a domain's end only then."""
        try:
            return await qubes.utils.coro_maybe(getattr(self.volume, action)(*arguments))
        except qubes.exc.StoragePoolException:
            raise
        except Exception as error:
            raise qubes.exc.StoragePoolException(
                f"cannot {action} the store in pool {self._pool_name}: {error}"
            ) from error

    async def create(self) -> None:
        """Creates what the other driver needs."""
        await self._call("create")

    async def remove(self) -> None:
        """Removes what the other driver keeps."""
        await self._call("remove")

    async def resize(self, size: int) -> None:
        """Resizes as the other driver does."""
        await self._call("resize", size)

    async def verify(self) -> None:
        """Verifies as the other driver does."""
        await self._call("verify")

    async def start(self, size: int) -> tuple[str, ...]:
        """Starts the volume and returns the options of `xen-ephemeral open`."""
        del size  # it is the volume's
        await self._call("start")
        device = self.volume.block_device()
        if device is None or device.domain is not None:
            raise qubes.exc.StoragePoolException(
                f"cannot use the store in pool {self._pool_name}: it is no disk of dom0"
            )
        return ("--dev", device.path)

    async def stop(self) -> None:
        """Stops the volume: the other driver drops what was written."""
        await self._call("stop")

    @property
    def usage(self) -> int | None:
        """What the volume takes, in bytes."""
        return self.volume.usage


Store = FolderStore | PoolStore


def make(vm, folder: str, pool_name: str | None, config: dict) -> Store:
    """Returns the store of a volume of this configuration."""
    if pool_name is None:
        return FolderStore(folder)
    kept = {key: config[key] for key in ("name", "size") if key in config}
    # Encrypted once is enough: what is handed down is ciphertext.
    kept |= {"rw": True, "snap_on_start": False, "save_on_stop": False, "ephemeral": False}
    return PoolStore(vm, pool_name, kept)
