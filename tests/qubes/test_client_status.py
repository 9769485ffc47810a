# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral status: tells the truth about each disposable."""

import unittest
from unittest import mock

from client_case import ClientCase
from client_qubesd import error
from qubesephemeral import marker


class Status(ClientCase):
    """On for all, in a pool of ours, unless a test says otherwise."""

    def setUp(self):
        super().setUp()
        self.own_pool()
        self.features("dom0")["ephemeral-disposable"] = "1"
        self.qubesd.close("disp1", "ephemeral")

    def row(self, name):
        """The line about it, its columns as words."""
        run = self.run_client("status", name)
        lines = run.out.splitlines()
        self.assertEqual(len(lines), 2, run.out + run.err)
        return run.status, " ".join(lines[1].split())

    def test_all_of_them(self):
        """A table, and 0 only if each is."""
        run = self.run_client("status")
        table = [line.split() for line in run.out.splitlines()]
        self.assertEqual(table[0][:4], ["NAME", "KIND", "EPHEMERAL", "VOLATILE"])
        self.assertEqual(
            [row[:4] for row in table[1:]],
            [
                ["disp1", "unnamed", "yes", "ephemeral"],
                ["dvm", "template", "yes", "ephemeral"],
                ["sys-usb", "named", "yes", "ephemeral"],
            ],
        )
        self.assertEqual((run.status, self.qubesd.writes), (0, []))

    def test_off(self):
        """With the command that turns it on."""
        del self.features("dom0")["ephemeral-disposable"]
        self.assertEqual(
            self.row("sys-usb"),
            (3, "sys-usb named off ephemeral not turned on qvm-ephemeral on sys-usb"),
        )

    def test_kernel_that_is_installed_again(self):
        """The marker of before does not count. Where the initramfs is root's alone, qubesd looks."""
        (self.kernels / "new" / "initramfs").write_text("stock", encoding="ascii")
        self.assertIn("kernel new is not prepared", self.row("sys-usb")[1])
        with mock.patch.object(marker, "_digest", side_effect=PermissionError):
            self.assertIn("yes", self.row("sys-usb")[1])

    def test_one_of_several(self):
        """One that is not is enough."""
        self.features("sys-usb")["ephemeral-disposable"] = ""
        self.assertEqual(self.run_client("status").status, 3)
        self.assertEqual(self.run_client("status", "dvm").status, 0)

    def test_kernel(self):
        """A new kernel became its kernel: it would be refused."""
        self.qubesd.qubes["sys-usb"]["props"]["kernel"] = "old"
        status, row = self.row("sys-usb")
        self.assertEqual(status, 3)
        self.assertIn("no ephemeral kernel old is not prepared qvm-ephemeral prepare old", row)

    def test_kernel_of_a_running_one(self):
        """It has booted another: what it is now counts."""
        self.qubesd.qubes["disp1"]["props"]["kernel"] = "old"
        self.assertIn("disp1 unnamed yes", self.row("disp1")[1])

    def test_started_before(self):
        """Each of the three disks by itself."""
        for disk, key, value in (
            ("root", "rw", True),
            ("private", "rw", True),
            ("volatile", "ephemeral", False),
        ):
            self.qubesd.close("disp1")
            self.qubesd.qubes["disp1"]["volumes"][disk][key] = value
            status, row = self.row("disp1")
            self.assertEqual(status, 3)
            self.assertIn("no vm-pool was started before it was turned on close it", row)

    def test_named_one_started_before(self):
        """Has to be started again."""
        self.qubesd.qubes["sys-usb"]["state"] = "Running"
        self.assertIn("qvm-shutdown --wait sys-usb; qvm-start sys-usb", self.row("sys-usb")[1])

    def test_template_that_runs(self):
        """What its disposables are is not changed by that."""
        self.qubesd.qubes["dvm"]["state"] = "Running"
        self.assertIn("dvm template yes", self.row("dvm")[1])

    def test_paused_counts_as_running(self):
        """A preloaded one."""
        self.qubesd.add("disp2", "DispVM", "dvm", state="Paused", is_preload=True)
        self.assertIn("disp2 preloaded no vm-pool", self.row("disp2")[1])
        self.assertIn("qvm-kill disp2", self.row("disp2")[1])

    def test_stock(self):
        """Qubes' own encryption is told apart, and is no failure."""
        self.qubesd.default_pool = None
        self.assertEqual(
            self.row("sys-usb"),
            (
                0,
                "sys-usb named stock vm-pool pool vm-pool is Qubes' own: AES-128, which verify"
                " cannot prove qvm-ephemeral on sys-usb",
            ),
        )

    def test_stock_until_its_next_start(self):
        """The extension moves it then."""
        self.qubesd.close("disp1", "vm-pool")
        self.assertIn("disp1 unnamed stock vm-pool in pool vm-pool until", self.row("disp1")[1])

    def test_volume_of_ours_without_the_word(self):
        """Our driver has no other volumes than encrypted ones."""
        self.qubesd.qubes["disp1"]["volumes"]["volatile"]["ephemeral"] = False
        self.assertIn("disp1 unnamed yes", self.row("disp1")[1])

    def test_one_that_ends_meanwhile(self):
        """Unnamed ones come and go: it is left out."""
        real, asked = self.qubesd.admin_vm_list, []

        def listed(*args):
            asked.append(args)
            return real(*args) + (b"disp9 class=DispVM state=Running\n" if len(asked) == 1 else b"")

        self.answer("admin_vm_list", listed)
        run = self.run_client("status")
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertNotIn("disp9", run.out)

    def test_one_that_qubesd_cannot_tell_of(self):
        """It is there, so it is an error."""
        self.answer("admin_vm_volume_info", lambda *_: error("QubesException", "broken pool"))
        self.assert_refused(self.run_client("status"), "qvm-ephemeral: error: broken pool")

    def test_quiet(self):
        """The status alone."""
        self.features("sys-usb")["ephemeral-disposable"] = ""
        run = self.run_client("status", "--quiet")
        self.assertEqual((run.status, run.out, run.err), (3, "", ""))

    def test_other_qube(self):
        """Is no disposable."""
        self.assert_refused(self.run_client("status", "personal"), "personal is neither")

    def test_none(self):
        """No disposables: nothing to complain of."""
        for name in ("dvm", "sys-usb", "disp1"):
            del self.qubesd.qubes[name]
        run = self.run_client("status")
        self.assertEqual((run.status, run.out), (0, "there are no disposables\n"))


if __name__ == "__main__":
    unittest.main()
