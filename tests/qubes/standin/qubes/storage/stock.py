# SPDX-License-Identifier: GPL-2.0-or-later
"""A driver of Qubes' own kind: files in a folder."""
import os

import qubes.exc
import qubes.storage


class StockVolume(qubes.storage.Volume):
    """A file that is there while the volume is started."""

    @property
    def path(self):
        """The file."""
        return os.path.join(self.pool.dir_path, self.vid.replace("/", "-") + ".img")

    async def create(self):
        """There is nothing to create."""

    async def remove(self):
        """There is nothing to remove."""

    async def verify(self):
        """There is nothing to verify."""

    async def start(self):
        """Makes the file."""
        if self.name in self.pool.failing:
            raise qubes.exc.StoragePoolException(f"cannot start {self.vid}")
        with open(self.path, "wb") as file:
            file.truncate(self.size)

    async def stop(self):
        """Removes the file."""
        if os.path.exists(self.path):
            os.unlink(self.path)

    async def start_encrypted(self, name):
        """cryptsetup would be called here."""
        await self.start()
        self.pool.encrypted.add(name)

    async def stop_encrypted(self, name):
        """And here."""
        self.pool.encrypted.discard(name)
        await self.stop()

    async def resize(self, size):
        """Changes the size."""
        self._size = size

    def is_outdated(self):
        """Never."""
        return False

    @property
    def usage(self):
        """What the file takes."""
        return os.stat(self.path).st_blocks * 512 if os.path.exists(self.path) else 0


class StockPool(qubes.storage.Pool):
    """A pool of such files. `encrypted` is what cryptsetup has open; the volumes called in `failing`
    cannot be started."""

    driver = "stock"
    volume_class = StockVolume

    def __init__(self, *, name, dir_path, revisions_to_keep=1, ephemeral_volatile=False):
        super().__init__(
            name=name, revisions_to_keep=revisions_to_keep, ephemeral_volatile=ephemeral_volatile
        )
        self.dir_path = dir_path
        self.encrypted = set()
        self.failing = set()
        self._volumes = {}

    @property
    def config(self):
        """What qubes.xml keeps."""
        return {
            "name": self.name,
            "driver": self.driver,
            "dir_path": self.dir_path,
            "revisions_to_keep": self.revisions_to_keep,
            "ephemeral_volatile": self.ephemeral_volatile,
        }

    @property
    def size(self):
        """Of the folder's filesystem."""
        found = os.statvfs(self.dir_path)
        return found.f_blocks * found.f_frsize

    @property
    def usage(self):
        """The same."""
        found = os.statvfs(self.dir_path)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def setup(self):
        """Makes the folder."""
        os.makedirs(self.dir_path, exist_ok=True)

    def init_volume(self, vm, volume_config):
        """Makes a volume."""
        config = dict(volume_config)
        config.setdefault("vid", f"{vm.name}/{config['name']}")
        config["pool"] = self
        self._volumes[config["vid"]] = self.volume_class(**config)
        return self._volumes[config["vid"]]

    def get_volume(self, vid):
        """The volume of that id."""
        return self._volumes[vid]

    def list_volumes(self):
        """All volumes."""
        return list(self._volumes.values())
