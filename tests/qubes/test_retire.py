# SPDX-License-Identifier: GPL-2.0-or-later
"""Pools of the driver are emptied again when dom0's feature asks for it."""
from unittest import mock

from case import Case
from qubesephemeral.pool import EphemeralPool
from qubesephemeral.entry import RetireExtension


class TestRetire(Case):
    """A named disposable and an AppVM that were made while a pool of ours was the default."""

    def setUp(self):
        super().setUp()
        RetireExtension()
        self.machine.add_pool()
        self.want(self.machine.dom0)
        self.named = self.machine.add_disposable("sys-usb")
        self.kept = self.machine.add_appvm("personal")

    def pool_of(self, vm):
        """Where its volatile volume is."""
        return vm.volumes["volatile"].pool.name

    def give_up(self):
        """What qvm-ephemeral off --all does."""
        self.want(self.machine.dom0, "")
        self.machine.app.default_pool_volatile = "stock"

    def retire(self):
        self.machine.dom0.features["ephemeral-retire"] = "1"

    def test_halted_at_once(self):
        self.give_up()
        self.retire()
        self.assertEqual((self.pool_of(self.named), self.pool_of(self.kept)), ("stock", "stock"))
        self.assertTrue(self.named.volumes["root"].rw and self.named.volumes["private"].rw)
        self.assertNotIn("ephemeral-applied", self.named.features)
        self.run_remove_pool()

    def run_remove_pool(self):
        """Qubes has no objection, and loads without it."""
        self.machine.run(self.machine.app.remove_pool("encrypted"))
        self.machine.reload()
        for name in ("sys-usb", "personal"):
            vm = self.machine.app.domains[name]
            self.assertEqual(self.pool_of(vm), "stock")
            self.machine.start(vm)
            self.assertFalse(self.machine.disks(vm)["xvdb"][1])
            self.assertFalse(self.machine.disks(vm)["xvdc"][1])
        self.assert_closed()

    def test_running_when_it_has_ended(self):
        for vm in (self.named, self.kept):
            self.machine.start(vm)
        self.give_up()
        self.retire()
        self.assertEqual(
            (self.pool_of(self.named), self.pool_of(self.kept)), ("encrypted", "encrypted")
        )
        self.assertEqual(len(self.command.devices()), 2)
        with mock.patch.object(self.machine.app, "save") as save:
            for vm in (self.named, self.kept):
                self.machine.stop(vm)
            self.assertEqual(save.call_count, 2)
        self.assert_closed()
        self.assertEqual((self.pool_of(self.named), self.pool_of(self.kept)), ("stock", "stock"))
        self.run_remove_pool()

    def test_not_without_the_feature(self):
        self.give_up()
        self.machine.start(self.kept)
        self.machine.stop(self.kept)
        self.assertEqual(self.pool_of(self.kept), "encrypted")

    def test_not_while_a_pool_of_ours_is_the_default(self):
        volume = self.kept.volumes["volatile"]
        self.retire()
        self.assertIs(self.kept.volumes["volatile"], volume)

    def test_not_with_an_empty_value(self):
        self.give_up()
        self.machine.dom0.features["ephemeral-retire"] = ""
        self.assertEqual(self.pool_of(self.kept), "encrypted")

    def test_volumes_elsewhere_are_left(self):
        self.give_up()
        other = self.machine.add_appvm("other")
        volume = other.volumes["volatile"]
        self.retire()
        self.assertIs(other.volumes["volatile"], volume)

    def test_one_that_is_on_stays_closed(self):
        self.want(self.named)
        self.give_up()
        self.retire()
        self.assertEqual(self.pool_of(self.named), "stock")
        self.assertFalse(self.named.volumes["private"].rw)
        self.machine.start(self.named)
        self.assertTrue(self.machine.disks(self.named)["xvdb"][1])
        self.assertTrue(self.machine.is_encrypted_by_qubes(self.machine.disks(self.named)["xvdc"][0]))

    def test_encrypted_by_qubes_as_before(self):
        """It was so, by hand, before it came to a pool of ours."""
        self.machine.app.default_pool_volatile = "stock"
        vm = self.machine.add_disposable("before")
        vm.volumes["volatile"].ephemeral = True
        self.machine.app.default_pool_volatile = "encrypted"
        self.machine.start(vm)
        self.assertEqual(self.pool_of(vm), "encrypted")
        self.machine.stop(vm)
        self.give_up()
        self.retire()
        self.assertEqual(self.pool_of(vm), "stock")
        self.assertTrue(vm.volumes["volatile"].ephemeral)

    def test_one_that_is_being_started_is_left(self):
        self.give_up()
        with mock.patch.object(self.kept, "startup_lock", mock.Mock(locked=lambda: True), create=True):
            self.retire()
        self.assertEqual((self.pool_of(self.named), self.pool_of(self.kept)), ("stock", "encrypted"))

    def test_one_that_fails_does_not_keep_the_others(self):
        self.give_up()
        with mock.patch.object(EphemeralPool, "forget", side_effect=[OSError("x"), None]):
            self.retire()
        self.assertEqual((self.pool_of(self.named), self.pool_of(self.kept)), ("stock", "stock"))

    def test_disposable_that_goes(self):
        vm = self.machine.add_disposable()
        self.machine.start(vm)
        self.give_up()
        self.retire()
        self.machine.stop(vm)
        self.assertNotIn(vm, self.machine.app.domains)
        self.assert_closed()
