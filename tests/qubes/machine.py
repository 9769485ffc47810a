# SPDX-License-Identifier: GPL-2.0-or-later
"""A system to test in: dom0's app object with a template, a disposable template and disposables.

What is common is here. `machine_standin` and `machine_real` say how it is made and how a domain runs.
"""
import asyncio
import os
import pathlib
import shutil
import typing

import prepared

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = "6.12.63-1.fc41"


class FakeCommand:
    """The program that stands for xen-ephemeral: see its head."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.program = folder / "xen-ephemeral"
        self.mapper = folder / "mapper"
        self.mapper.mkdir(parents=True)
        shutil.copy(HERE / "fake-xen-ephemeral", self.program)

    def put(self, name: str, text: str) -> None:
        """Puts a file beside it."""
        (self.folder / name).write_text(text, encoding="ascii")

    def drop(self, name: str) -> None:
        """Takes the file away."""
        (self.folder / name).unlink()

    def calls(self, verb: str = "") -> list[str]:
        """What it was called with so far, of one verb or of all."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        return [line for line in lines if not verb or line.split()[0] == verb]

    def forget(self) -> None:
        """Begins to count anew."""
        self.put("calls", "")

    def devices(self) -> dict[str, str]:
        """What is open: what is in each device's file, by its name."""
        return {path.name: path.read_text(encoding="ascii") for path in self.mapper.iterdir()}

    def break_promise(self) -> None:
        """From now on verify finds xvdb writable, by a name that must come to no log."""
        self.put(
            "proof",
            '[ { "domid": DOMID, "name": "secret-name", "holds": false, "checks": ['
            ' { "result": "ok", "subject": "xvda", "claim": "blkback takes no writes" },'
            ' { "result": "BROKEN", "subject": "xvdb", "claim": "blkback takes no writes",'
            ' "found": "secret-name" } ] } ]',
        )


class Machine:
    """See the module. `app` is the app object; it is another one after `reload`."""

    app: typing.Any

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.kernels = folder / "vm-kernels"
        self.command = FakeCommand(folder / "command")
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.make_kernel(KERNEL)

    def run(self, coroutine):
        """Runs a coroutine to its end."""
        return self.loop.run_until_complete(coroutine)

    def make_kernel(self, name: str, ready: bool = True) -> None:
        """A kernel's folder."""
        folder = self.kernels / name
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("vmlinuz", "initramfs", "modules.img"):
            (folder / file).touch()
        if ready:
            self.prepare(name)

    def prepare(self, name: str = KERNEL) -> None:
        """What `xen-ephemeral-initramfs prepare` leaves."""
        prepared.prepare(self.kernels / name)

    def reinstall(self, name: str = KERNEL) -> None:
        """A kernel's package puts its files there again, and knows nothing of ours."""
        (self.kernels / name / "initramfs").write_text("stock", encoding="ascii")

    def unprepare(self, name: str = KERNEL) -> None:
        """What `xen-ephemeral-initramfs revert` does."""
        os.unlink(self.kernels / name / "xen-ephemeral-supported")

    def add_pool(self, name: str = "encrypted", **options: str):
        """A pool of our driver, and the default for volatile volumes."""
        options = options or {"dir_path": str(self.folder / "store")}
        pool = self.run(self.app.add_pool(name, driver="ephemeral", **options))
        self.app.default_pool_volatile = name
        return pool

    @property
    def dom0(self):
        """The domain 0."""
        return self.app.domains["dom0"]

    @property
    def template(self):
        """A template."""
        return self.app.domains["a-template"]

    @property
    def dvm(self):
        """A disposable template."""
        return self.app.domains["a-dvm"]

    def start(self, vm) -> None:
        """Starts a domain."""
        self.run(vm.start())

    def close(self) -> None:
        """Ends what the loop has."""
        self.loop.close()
        asyncio.set_event_loop(None)
