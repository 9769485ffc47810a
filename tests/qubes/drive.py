# SPDX-License-Identifier: GPL-2.0-or-later
"""drive.py FOLDER: qubesd's part in the test of the emulated machine, where xen-ephemeral is the real one.

The pool driver and the extension run over the stand-in for Qubes. Takes a command a line on standard
input and answers each with a line, "ok ..." or "error ...". A domain is a process that has its writable
disk open, once for the guest and once more for an HVM's stubdomain: this one.
"""
import asyncio
import os
import pathlib
import subprocess
import sys

import qubes
import qubes.storage.stock
import qubes.vm.adminvm
import qubes.vm.appvm
import qubes.vm.dispvm
import qubes.vm.templatevm

from qubesephemeral.entry import EphemeralExtension
from qubesephemeral.pool import EphemeralPool

KERNEL = "a-kernel"


class LoopVolume(qubes.storage.stock.StockVolume):
    """A file's loop device, in the place of a logical volume."""

    loop = ""

    @property
    def path(self):
        """The file until it is started."""
        return self.loop or super().path

    async def start(self):
        await super().start()
        command = ["losetup", "--find", "--show", super().path]
        self.loop = subprocess.check_output(command, text=True).strip()

    async def stop(self):
        if self.loop:
            subprocess.check_call(["losetup", "--detach", self.loop])
            self.loop = ""
        await super().stop()


class LoopPool(qubes.storage.stock.StockPool):
    """A pool of such."""

    driver = "loop"
    volume_class = LoopVolume


class Disposable(qubes.vm.dispvm.DispVM):
    """One that opens its disks as blkback does."""

    descriptors: list[int] = []

    async def _spawn(self):
        await super()._spawn()
        times = 2 if self.virt_mode == "hvm" else 1
        paths = [disk.path for disk in self.disks if disk.rw] * times
        self.descriptors = [os.open(path, os.O_RDWR | os.O_CLOEXEC) for path in paths]

    async def kill(self):
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []
        await super().kill()


class Driver:
    """The commands."""

    def __init__(self, folder):
        kernel = folder / "vm-kernels" / KERNEL
        kernel.mkdir(parents=True, exist_ok=True)
        (kernel / "xen-ephemeral-supported").touch()
        EphemeralExtension()
        drivers = {
            "ephemeral": EphemeralPool,
            "stock": qubes.storage.stock.StockPool,
            "loop": LoopPool,
        }
        self.app = qubes.Qubes(drivers, str(kernel.parent))
        self.app.domains.add(qubes.vm.adminvm.AdminVM(self.app))
        self.app.defaults["pool"] = "stock"
        self.folder = folder

    async def begin(self):
        """A pool of Qubes' own, a template and a disposable template."""
        await self.app.add_pool("stock", driver="stock", dir_path=str(self.folder / "stock"))
        template = self.app.add_new_vm(
            qubes.vm.templatevm.TemplateVM, name="a-template", kernel=KERNEL
        )
        await template.create_on_disk()
        await self.app.add_new_vm(
            qubes.vm.appvm.AppVM,
            name="a-dvm",
            kernel=KERNEL,
            template=template,
            template_for_dispvms=True,
        ).create_on_disk()
        self.app.domains["a-dvm"].features["ephemeral-disposable"] = "1"

    async def do_pool(self, name, *options):
        """pool NAME KEY=VALUE...: also the default for volatile volumes"""
        await self.app.add_pool(name, **dict(option.split("=", 1) for option in options))
        self.app.default_pool_volatile = name

    async def do_disposable(self, name, virt_mode, on_failure):
        """disposable NAME hvm|pvh kill|warn: a named one, fully ephemeral"""
        vm = self.app.add_new_vm(
            Disposable,
            name=name,
            kernel=KERNEL,
            virt_mode=virt_mode,
            template=self.app.domains["a-dvm"],
        )
        vm.features["ephemeral-on-failure"] = on_failure
        await vm.create_on_disk()

    async def do_start(self, name):
        """start NAME: tells its writable disks"""
        vm = self.app.domains[name]
        await vm.start()
        return " ".join(disk.path for disk in vm.disks if disk.rw)

    async def do_kill(self, name):
        """kill NAME"""
        await self.app.domains[name].kill()

    async def do_there(self, name):
        """there NAME"""
        return str(name in self.app.domains)

    async def do_open(self, name):
        """open NAME: its volatile volume alone"""
        volume = self.app.domains[name].volumes["volatile"]
        await volume.start()
        return volume.path

    async def do_close(self, name):
        """close NAME: what qubesd does when it starts"""
        await self.app.domains[name].storage.stop()

    async def do_usage(self, name):
        """usage NAME"""
        return str(self.app.domains[name].volumes["volatile"].usage)

    async def answer(self, line):
        """Does what a line says."""
        verb, *words = line.split()
        try:
            return f"ok {await getattr(self, 'do_' + verb)(*words) or ''}".strip()
        except Exception as error:  # pylint: disable=broad-except
            return f"error {error}".replace("\n", " ")


async def main():
    """Until standard input ends."""
    driver = Driver(pathlib.Path(sys.argv[1]))
    await driver.begin()
    for line in sys.stdin:
        print(await driver.answer(line), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
