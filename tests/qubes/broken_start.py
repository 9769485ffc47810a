# SPDX-License-Identifier: GPL-2.0-or-later
"""Run by test_broken with a qubesephemeral in which a module cannot be imported: qubesd starts, and what
is to be fully ephemeral does not."""
import importlib
import logging
import os
import pathlib
import shutil
import tempfile
import unittest

KIND = "machine_real" if os.environ.get("QUBES_SRC") else "machine_standin"
BROKEN = os.environ["BROKEN"]

#: As test_broken has written it into the module.
REASON = f"ImportError in {BROKEN}.py, line 1: no such thing"


class Broken(unittest.TestCase):
    """A disposable template, and a named disposable with a volatile volume of Qubes' own."""

    def setUp(self):
        logging.disable(logging.CRITICAL)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qubes-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.machine = importlib.import_module(KIND).Machine(self.folder)
        self.addCleanup(self.machine.close)
        self.vm = self.machine.add_disposable("sys-usb")

    def refused(self, vm, *words):
        """One message: the action, the thing, the reason, what to do."""
        with self.assertRaises(Exception) as caught:
            self.machine.start(vm)
        for word in (f"cannot start {vm.name}", REASON, "install a qubes-ephemeral-dom0", *words):
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))

    def test_wanted(self):
        """By itself, by its template, by dom0."""
        for subject in (self.vm, self.machine.dvm, self.machine.dom0):
            subject.features["ephemeral-disposable"] = "1"
            self.refused(self.vm, "fully ephemeral", "qvm-features sys-usb ephemeral-disposable ''")
            self.assertIn("sys-usb", self.machine.app.domains)
            self.assertTrue(self.vm.volumes["private"].rw)
            del subject.features["ephemeral-disposable"]

    def test_unnamed(self):
        """Is refused, and goes."""
        self.machine.dvm.features["ephemeral-disposable"] = "1"
        vm = self.machine.add_disposable()
        self.refused(vm)
        self.assertNotIn(vm, self.machine.app.domains)

    def test_not_wanted(self):
        """Starts as Qubes has it; a qube that is no disposable too."""
        self.machine.dom0.features["ephemeral-disposable"] = "1"
        self.vm.features["ephemeral-disposable"] = ""
        for vm in (self.vm, self.machine.dvm):
            self.machine.start(vm)
            self.assertFalse(self.machine.disks(vm)["xvdb"][1])
            self.machine.stop(vm)

    def test_removal(self):
        """Nothing keeps a named one from being removed."""
        self.vm.features["ephemeral-disposable"] = "1"
        self.refused(self.vm)
        del self.machine.app.domains["sys-usb"]
        self.assertNotIn("sys-usb", self.machine.app.domains)

    def test_reloaded(self):
        """qubes.xml names the driver and the feature, and is loaded and kept as it is."""
        self.vm.features["ephemeral-disposable"] = "1"
        self.machine.add_pool()
        self.vm.storage.init_volume("volatile", {"pool": "encrypted", "size": 64 << 20, "rw": True})
        config = self.vm.volumes["volatile"].config
        self.machine.reload()
        vm = self.machine.app.domains["sys-usb"]
        self.assertEqual(
            {key: str(value) for key, value in vm.volumes["volatile"].config.items()},
            {key: str(value) for key, value in config.items()},
        )
        self.refused(vm)
        self.assertIn("sys-usb", self.machine.app.domains)

    @unittest.skipUnless(BROKEN in ("volume", "store", "command"), "the driver is not broken")
    def test_volume(self):
        """Of a disposable that is not even to be fully ephemeral: its driver cannot start it."""
        self.machine.add_pool()
        self.vm.storage.init_volume("volatile", {"pool": "encrypted", "size": 64 << 20, "rw": True})
        self.refused(self.vm, "the storage driver ephemeral cannot be loaded")
        self.assertIn("sys-usb", self.machine.app.domains)
        # As qubesd does when it starts.
        self.machine.run(self.vm.storage.stop())


if __name__ == "__main__":
    unittest.main()
