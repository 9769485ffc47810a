# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral prepare and verify: what is run as root."""

import unittest
from unittest import mock

from client_case import ClientCase
from qubesephemeral_client import command


class Prepare(ClientCase):
    """Kernels."""

    def setUp(self):
        super().setUp()
        patch = mock.patch.object(command.os, "geteuid", lambda: 1000)
        patch.start()
        self.addCleanup(patch.stop)

    def test_those_that_lack_it(self):
        """Each once, of disposables and disposable templates only."""
        for name in ("dvm", "sys-usb", "personal"):
            self.qubesd.qubes[name]["props"]["kernel"] = "old"
        self.assertEqual(self.run_client("prepare").status, 0)
        self.assertEqual(self.commands, ["sudo -- xen-ephemeral-initramfs prepare old"])

    def test_own_kernel_is_not_the_whole_folder(self):
        """'' names no kernel of dom0's."""
        self.qubesd.qubes["dvm"]["props"]["kernel"] = ""
        self.run_client("prepare")
        self.assertEqual(self.commands, [])

    def test_nothing_to_do(self):
        """Is said."""
        run = self.run_client("prepare")
        self.assertEqual(run.out, "the kernels of all disposables are prepared\n")
        self.assertEqual((run.status, self.commands), (0, []))

    def test_named(self):
        """Also one that is prepared: its files may be of another version."""
        self.run_client("prepare", "new", "old", "new")
        self.assertEqual([line.split()[-1] for line in self.commands], ["new", "old"])

    def test_names_that_are_none(self):
        """Nothing is run for any then."""
        for name in ("gone", "new/../old", ".", ""):
            self.assert_refused(self.run_client("prepare", "old", "--", name), "cannot prepare")
        self.assertEqual(self.commands, [])

    def test_failure_is_status_1(self):
        """And the others are still prepared."""
        self.failing = {"old"}
        self.assertEqual(self.run_client("prepare", "old", "new").status, 1)
        self.assertEqual(len(self.commands), 2)

    def test_new_kernels(self):
        """By the units."""
        self.run_client("prepare", "--new-kernels")
        self.assertEqual(
            self.commands,
            [
                "sudo -- systemctl enable --now xen-ephemeral-kernels.path"
                " xen-ephemeral-kernels.service"
            ],
        )

    def test_root_needs_no_sudo(self):
        """Started by root."""
        with mock.patch.object(command.os, "geteuid", lambda: 0):
            self.run_client("prepare", "old")
        self.assertEqual(self.commands, ["xen-ephemeral-initramfs prepare old"])

    def test_no_program(self):
        """One line."""
        self.failing = {"sudo"}
        self.assert_refused(self.run_client("prepare", "old"), "cannot run sudo: it is not")


class Verify(ClientCase):
    """The proof. disp1 is domain 6, sys-usb domain 5."""

    def test_each(self):
        """Their status is ours."""
        with mock.patch.object(command.os, "geteuid", lambda: 1000):
            self.assertEqual(self.run_client("verify", "disp1").status, 0)
            self.failing = {"6"}
            self.assertEqual(self.run_client("verify", "disp1").status, 1)
        # No name: sudo writes the command into the log.
        self.assertEqual(self.commands, ["sudo -- xen-ephemeral verify 6"] * 2)

    def test_all_are_asked(self):
        """One that is broken does not hide another."""
        self.qubesd.qubes["sys-usb"]["state"] = "Running"
        self.failing = {"6"}
        self.assertEqual(self.run_client("verify", "disp1", "sys-usb").status, 1)
        self.assertEqual([line.split()[-1] for line in self.commands], ["6", "5"])

    def test_one_that_has_ended(self):
        """Since it was asked whether it runs: it is no domain, and not domain -1."""
        self.answer("admin_vm_currentstate", lambda *_: b"0\0mem=0 power_state=Running")
        run = self.run_client("verify", "sys-usb")
        self.assertEqual((run.status, self.commands), (1, []))
        self.assertIn("cannot verify sys-usb: it has ended", run.err)

    def test_halted(self):
        """Nothing to prove."""
        run = self.run_client("verify", "sys-usb")
        self.assert_refused(run, "'sys-usb' is not running")
        self.assertEqual(self.commands, [])

    def test_names_are_needed(self):
        """Usage."""
        self.assertEqual(self.run_client("verify").status, 2)


if __name__ == "__main__":
    unittest.main()
