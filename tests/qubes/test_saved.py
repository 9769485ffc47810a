# SPDX-License-Identifier: GPL-2.0-or-later
"""A start makes volumes others than they were: what the next qubesd finds if this one is killed."""
from unittest import mock

from case import SNAPSHOTS, Case


class TestSaved(Case):
    """Nobody but us saves what a start has changed."""

    def setUp(self):
        super().setUp()
        self.machine.add_pool()
        self.machine.app.default_pool_volatile = "stock"
        self.vm = self.machine.add_disposable("named")
        self.machine.app.default_pool_volatile = "encrypted"

    def restart(self):
        """Kills qubesd; what it has not saved is not known any more."""
        self.machine.restart()
        self.vm = self.machine.app.domains["named"]

    def assert_known(self):
        """The domain runs, and what it was started with is known."""
        self.assertFalse(self.vm.is_halted())
        self.assertEqual(str(self.vm.volumes["volatile"].pool), "encrypted")
        for name in SNAPSHOTS:
            self.assertFalse(self.vm.volumes[name].rw, name)
        self.assertEqual(self.vm.features["ephemeral-applied"], "private root")

    def test_started(self):
        self.want(self.machine.dom0)
        self.machine.app.save()
        self.machine.start(self.vm)
        self.restart()
        self.assert_known()

    def test_loaded_and_started(self):
        """It was changed when qubes.xml was loaded, which saves nothing."""
        config = {"name": "volatile", "pool": "encrypted", "size": 64 << 20, "rw": True}
        self.vm.storage.init_volume("volatile", config)
        self.want(self.machine.dom0)
        for name in SNAPSHOTS:
            self.vm.volumes[name].rw = True
        self.machine.app.save()
        self.restart()
        self.assertFalse(self.vm.volumes["private"].rw)
        self.machine.start(self.vm)
        self.restart()
        self.assert_known()

    def test_turned_off(self):
        self.want(self.machine.dom0)
        self.machine.start(self.vm)
        self.machine.stop(self.vm)
        self.want(self.machine.dom0, "")
        self.machine.app.save()
        self.machine.start(self.vm)
        self.restart()
        self.assertTrue(self.vm.volumes["private"].rw)

    def test_not_without_need(self):
        self.want(self.machine.dom0)
        self.machine.start(self.vm)
        self.machine.stop(self.vm)
        with mock.patch.object(self.machine.app, "save") as save:
            self.machine.start(self.vm)
        save.assert_not_called()

    def test_cannot_be_saved(self):
        """Nothing is started then."""
        self.want(self.machine.dom0)
        full = OSError(28, "No space left on device")
        with mock.patch.object(self.machine.app, "save", side_effect=full):
            self.refused(self.vm, "qubes.xml cannot be saved: No space left on device")
        self.assert_closed()
