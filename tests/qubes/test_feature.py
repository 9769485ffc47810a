# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose feature holds, what is refused, and what follows from a broken promise."""
from unittest import mock

import qubes.exc
from case import Case, LoggedCase
from machine import KERNEL
from qubesephemeral import volume


class TestRefusal(Case):
    """What is missing is said before anything is changed."""

    def test_when_the_feature_is_set(self):
        vm = self.machine.add_disposable("named")
        self.machine.unprepare()
        for subject in (vm, self.machine.dvm, self.machine.template, self.machine.dom0):
            with self.assertRaises(qubes.exc.QubesException) as caught:
                self.want(subject)
            self.assertIn("xen-ephemeral-initramfs prepare 6.12.63-1.fc41", str(caught.exception))
            self.assertNotIn("ephemeral-disposable", subject.features)
        self.assertTrue(vm.volumes["private"].rw)

    def test_disposable_template_alone(self):
        self.machine.unprepare()
        with self.assertRaises(qubes.exc.QubesException):
            self.want(self.machine.dvm)

    def test_one_that_is_excepted_does_not_count(self):
        self.machine.make_kernel("other", ready=False)
        vm = self.machine.add_disposable("named")
        vm.kernel = "other"
        self.want(vm, "")
        self.want(self.machine.dom0)
        self.machine.start(vm)
        self.assertFalse(self.machine.disks(vm)["xvdb"][1])

    def test_nothing_is_changed(self):
        self.want(self.machine.dvm)
        self.machine.unprepare()
        vm = self.machine.add_disposable("named")
        self.assertTrue(vm.volumes["root"].rw and vm.volumes["private"].rw)
        self.command.forget()
        self.refused(vm, "not prepared")
        self.assertTrue(vm.volumes["root"].rw and vm.volumes["private"].rw)
        self.assertEqual(self.command.calls("open"), [])

    def test_kernel_that_is_installed_again(self):
        """Its marker is still there, and its initramfs another."""
        self.want(self.machine.dvm)
        vm = self.machine.add_disposable("named")
        self.machine.start(vm)
        self.machine.stop(vm)
        self.machine.reinstall()
        self.refused(vm, "not prepared: xen-ephemeral-initramfs prepare 6.12.63-1.fc41")
        self.machine.prepare()
        self.machine.start(vm)

    def test_marker_that_says_nothing(self):
        self.machine.prepare()
        for text in ("", "version: 1\n", "initramfs-sha256: \n"):
            (self.machine.kernels / KERNEL / "xen-ephemeral-supported").write_text(text, encoding="ascii")
            with self.assertRaises(qubes.exc.QubesException):
                self.want(self.machine.dvm)

    def test_command_is_missing(self):
        self.want(self.machine.dvm)
        vm = self.machine.add_disposable("named")
        self.command.program.unlink()
        self.refused(vm, "install the package xen-ephemeral")

    def test_volume_that_is_kept(self):
        vm = self.machine.add_disposable("named")
        self.want(vm)
        vm.volumes["private"].save_on_stop = True
        vm.volumes["private"].rw = True
        self.refused(vm, "its volume private is writable and kept")

    def test_own_kernel(self):
        vm = self.machine.add_disposable("named")
        vm.kernel = ""
        with self.assertRaises(qubes.exc.QubesException) as caught:
            self.want(vm)
        self.assertIn("xen-ephemeral-guest", str(caught.exception))
        self.machine.template.features["supported-feature.ephemeral-disposable"] = True
        self.want(vm)
        self.machine.start(vm)
        self.assertTrue(self.machine.disks(vm)["xvdb"][1])


class TestFeature(Case):
    """Whose feature holds."""

    def setUp(self):
        super().setUp()
        self.machine.add_pool()

    def is_ephemeral(self, vm):
        self.machine.start(vm)
        result = self.machine.disks(vm)["xvdb"][1]
        self.machine.stop(vm)
        return result

    def test_lookup(self):
        vm = self.machine.add_disposable("named")
        self.assertFalse(self.is_ephemeral(vm))
        for subject in (self.machine.dom0, self.machine.template, self.machine.dvm, vm):
            self.want(subject)
            self.assertTrue(self.is_ephemeral(vm), subject)
            self.want(subject, "")
            self.assertFalse(self.is_ephemeral(vm), subject)

    def test_off_again(self):
        vm = self.machine.add_disposable("named")
        vm.volumes["root"].rw = False
        self.want(vm)
        self.assertTrue(self.is_ephemeral(vm))
        self.machine.reload()
        vm = self.machine.app.domains["named"]
        self.want(vm, "")
        self.machine.start(vm)
        self.assertFalse(self.machine.disks(vm)["xvdb"][1])
        self.assertTrue(self.machine.disks(vm)["xvda"][1], "what was read-only before stays so")
        self.assertNotIn("ephemeral-applied", vm.features)

    def test_no_disposable(self):
        self.want(self.machine.dom0)
        vm = self.machine.add_appvm("work")
        self.machine.start(vm)
        self.assertFalse(self.machine.disks(vm)["xvdb"][1])
        self.assert_open(vm)
        self.assertEqual(self.command.calls("verify"), [])


class TestAnswer(LoggedCase):
    """The promise is broken."""

    def test_killed(self):
        vm = self.machine.add_disposable()
        self.command.break_promise()
        with self.assertLogs("qubes.ext.ephemeral") as logs:
            self.refused(vm, "the promise is broken")
        self.assertNotIn("secret-name", "".join(logs.output))
        self.assertNotIn(vm, self.machine.app.domains)
        self.assert_closed()

    def test_killed_for_what_is_not_understood(self):
        self.machine.dvm.features["ephemeral-on-failure"] = "wran"
        self.command.break_promise()
        self.refused(self.machine.add_disposable(), "the promise is broken")

    def test_warned(self):
        self.machine.dvm.features["ephemeral-on-failure"] = "warn"
        vm = self.machine.add_disposable()
        self.command.break_promise()
        with self.assertLogs("qubes.ext.ephemeral") as logs:
            self.machine.start(vm)
        self.assertIn("xvdb: blkback takes no writes", "".join(logs.output))
        self.assertNotIn(vm.name, "".join(logs.output))
        self.assertFalse(vm.is_halted())

    def test_verify_fails_or_says_nothing(self):
        for name, text in (("fail-verify", "cannot talk to Xen"), ("proof", "[]")):
            self.command.put(name, text)
            self.refused(self.machine.add_disposable(), "xen-ephemeral verify failed")
            self.command.drop(name)

    def test_proof_of_another_domain(self):
        self.command.put("proof", '[ { "domid": 999, "holds": true, "checks": [] } ]')
        self.refused(self.machine.add_disposable(), "the promise is broken")

    def test_proof_that_ends_badly(self):
        self.command.put("status", "1")
        self.refused(self.machine.add_disposable(), "status 1")

    def test_not_armed(self):
        self.command.put("fail-arm", "cannot arm the volume")
        with self.assertLogs("qubes.ext.ephemeral") as logs, mock.patch.object(
            volume, "ARM_SECONDS", 0.2
        ):
            self.machine.start(self.machine.add_disposable())
        self.assertIn("does not remove itself", "".join(logs.output))

    def test_stock_encryption(self):
        self.machine.app.default_pool_volatile = "stock"
        vm = self.machine.add_disposable("named")
        with self.assertLogs("qubes.ext.ephemeral") as logs:
            self.machine.start(vm)
        self.assertIn("AES-128-XTS", "".join(logs.output))
        path, read_only = self.machine.disks(vm)["xvdc"]
        self.assertFalse(read_only)
        self.assertTrue(self.machine.is_encrypted_by_qubes(path))
        self.assertTrue(self.machine.disks(vm)["xvdb"][1])
        self.assertEqual(self.command.calls("verify"), [])
