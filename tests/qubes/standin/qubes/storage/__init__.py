# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.storage"""
import asyncio
import functools
import os
import typing

import qubes.exc
import qubes.utils


class BlockDevice:
    """What becomes a <disk> of libvirt's."""

    # pylint: disable=too-many-arguments
    def __init__(self, path, name, script=None, rw=True, domain=None, devtype="disk"):
        assert path, "Missing device path"
        assert script is None, "block scripts are obsolete"
        self.path = path
        self.name = name
        self.rw = rw
        self.domain = domain
        self.devtype = devtype


class Volume:
    """The base class of a driver's volumes."""

    devtype = "disk"
    domain = None
    path: typing.Any = None
    usage = 0

    def __init__(
        self,
        name,
        pool,
        vid,
        *,
        revisions_to_keep=0,
        rw=False,
        save_on_stop=False,
        size=0,
        snap_on_start=False,
        source=None,
        ephemeral=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        assert isinstance(pool, Pool)
        if snap_on_start != (source is not None):
            raise qubes.exc.StoragePoolException(f"source and snap_on_start of {name!r}")
        self.name = str(name)
        self.pool: typing.Any = pool
        self.revisions_to_keep = int(revisions_to_keep)
        self.rw = rw
        self.save_on_stop = save_on_stop
        self._size = int(size)
        self._ephemeral = ephemeral
        self.snap_on_start = snap_on_start
        self.source: typing.Any = source
        self.vid = vid
        self._lock = asyncio.Lock()

    @property
    def _may_be_ephemeral(self):
        return not (self.snap_on_start or self.save_on_stop or self.domain) and self.rw

    @property
    def ephemeral(self):
        """What was set, or else what the pool says."""
        if self._ephemeral is not None:
            return self._ephemeral
        return self._may_be_ephemeral and self.pool.ephemeral_volatile

    @ephemeral.setter
    def ephemeral(self, value):
        if value and not self._may_be_ephemeral:
            raise qubes.exc.QubesValueError("Cannot enable ephemeral")
        self._ephemeral = bool(value)

    @staticmethod
    def locked(method):
        """Runs a coroutine method under the volume's lock."""

        @functools.wraps(method)
        async def wrapper(self, *args, **kwargs):
            async with self._lock:  # pylint: disable=protected-access
                return await method(self, *args, **kwargs)

        return wrapper

    async def create(self):
        """Each driver's own."""
        raise NotImplementedError

    def block_device(self):
        """The disk."""
        return BlockDevice(self.path, self.name, None, self.rw, self.domain, self.devtype)

    def make_encrypted_device(self, device, qube_name):
        """The disk, where the volume is ephemeral."""
        assert device.domain is None and device.devtype == "disk" and device.rw
        path = self.encrypted_volume_path(qube_name, device.name)
        return BlockDevice(path, device.name, rw=device.rw)

    def encrypted_volume_path(self, qube_name, device_name):
        """Qubes' own name for it."""
        escaped = qube_name.replace("_", "_u").replace("-", "_d")
        return f"/dev/mapper/vm-volatile-{escaped}-crypt@{device_name}"

    @property
    def size(self):
        """In bytes."""
        return self._size

    @property
    def config(self):
        """What qubes.xml keeps."""
        config = {
            "name": self.name,
            "pool": str(self.pool),
            "vid": self.vid,
            "revisions_to_keep": self.revisions_to_keep,
            "rw": self.rw,
            "save_on_stop": self.save_on_stop,
            "snap_on_start": self.snap_on_start,
        }
        if self._ephemeral is not None:
            config["ephemeral"] = self.ephemeral
        if self.size:
            config["size"] = self.size
        if self.source:
            config["source"] = str(self.source.vid)
        return config


class VolumesCollection:
    """A pool's volumes by their ids."""

    def __init__(self, pool):
        self._pool = pool

    def __getitem__(self, item):
        return self._pool.get_volume(item)

    def __iter__(self):
        return iter(self._pool.list_volumes())

    def keys(self):
        """The ids."""
        return [volume.vid for volume in self]


class Pool:
    """The base class of drivers."""

    def __init__(self, *, name, revisions_to_keep=1, ephemeral_volatile=False):
        self._volumes_collection = VolumesCollection(self)
        self.name = name
        self.revisions_to_keep = revisions_to_keep
        self.ephemeral_volatile = qubes.utils.parse_bool(ephemeral_volatile)

    def __str__(self):
        return self.name

    @property
    def volumes(self):
        """By their ids."""
        return self._volumes_collection

    @property
    def size(self):
        """In bytes, or None."""
        return None

    @property
    def usage(self):
        """In bytes, or None."""
        return None


def search_pool_containing_dir(pools, dir_path):
    """The pool whose folder has the folder in it."""
    real = os.path.realpath(dir_path)
    for pool in pools:
        if hasattr(pool, "dir_path"):
            folder = os.path.realpath(pool.dir_path)
            if os.path.commonpath([folder, real]) == folder:
                return pool
    return None


class Storage:
    """A domain's volumes."""

    def __init__(self, vm):
        self.vm = vm
        for name, config in vm.volume_config.items():
            self.init_volume(name, config)

    def init_volume(self, name, volume_config):
        """Makes a volume, from a template's one where it is a snapshot of that."""
        config: dict[str, typing.Any] = {**volume_config, "name": name}
        if "source" in config and config["source"] is None:
            source = self.vm.template.volumes[name]
            config.update(source=source, pool=source.pool, size=source.size)
        elif "source" in config:
            pool = self.vm.app.get_pool(config["pool"])
            config["source"] = pool.volumes[config["source"]]
        config.setdefault("pool", getattr(self.vm.app, "default_pool_" + name, None))
        pool = self.vm.app.get_pool(config["pool"])
        self.vm.volumes[name] = pool.init_volume(self.vm, config)
        return self.vm.volumes[name]

    @property
    def kernels_dir(self):
        """The folder of the domain's kernel, if that is dom0's."""
        if not self.vm.kernel:
            return None
        return os.path.join(self.vm.app.kernels_dir, self.vm.kernel)

    async def create(self):
        """Creates all volumes."""
        await qubes.utils.void_coros_maybe(
            volume.create() for volume in self.vm.volumes.values()
        )

    async def verify(self):
        """Verifies all volumes."""
        await qubes.utils.void_coros_maybe(
            volume.verify() for volume in self.vm.volumes.values()
        )

    def block_devices(self):
        """The domain's disks."""
        for volume in self.vm.volumes.values():
            device = volume.block_device()
            if device is not None:
                if volume.ephemeral:
                    device = volume.make_encrypted_device(device, self.vm.name)
                yield device

    async def start(self):
        """Starts all volumes at once. What has started stays so if another fails."""
        await qubes.utils.void_coros_maybe(
            (
                volume.start_encrypted(volume.encrypted_volume_path(self.vm.name, name))
                if volume.ephemeral
                else volume.start()
            )
            for name, volume in self.vm.volumes.items()
        )

    async def stop(self):
        """Stops all volumes, ephemeral or not."""
        await qubes.utils.void_coros_maybe(
            volume.stop_encrypted(volume.encrypted_volume_path(self.vm.name, name))
            for name, volume in self.vm.volumes.items()
        )

    async def remove(self):
        """Removes all volumes."""
        await self.stop()
        await qubes.utils.void_coros_maybe(
            volume.remove() for volume in self.vm.volumes.values()
        )

    async def resize(self, volume, size):
        """Resizes a volume."""
        await qubes.utils.coro_maybe(self.vm.volumes[volume].resize(size))
