# SPDX-License-Identifier: GPL-2.0-or-later
"""What a template tells dom0 of its own initramfs."""

import os
import pathlib
import unittest

from client_path import TOP
from script_case import ScriptCase

ASK = "supported-feature.ephemeral-disposable="
WITH = "usr/lib/xen-ephemeral/ephemeral-disks.sh"


class Template(ScriptCase):
    """A /boot and programs of the test's. An initramfs here is the list of its files."""

    script = TOP / "guest" / "hooks" / "30-xen-ephemeral.sh"

    def setUp(self):
        super().setUp()
        self.boot = self.folder / "boot"
        self.programs = self.folder / "bin"
        self.boot.mkdir()
        self.programs.mkdir()
        for name in ("ls", "sed", "sort", "head", "grep", "cat", "sh"):
            (self.programs / name).symlink_to(pathlib.Path("/bin") / name)
        self.program("qvm-features-request", 'printf "%s\\n" "$@"')
        self.program("lsinitramfs", 'cat "$1"')

    def program(self, name, line):
        """A program of one line."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{line}\n", encoding="ascii")
        path.chmod(0o755)

    def kernel(self, version, *files, initramfs="initrd.img-{}"):
        """A kernel, and its initramfs with these files."""
        (self.boot / f"vmlinuz-{version}").touch()
        text = "\n".join(("init",) + files + ("sbin/x",))
        (self.boot / initramfs.format(version)).write_text(text, encoding="ascii")

    def told(self):
        """What dom0 is asked for."""
        status, printed, said = self.run_script(BOOT=self.boot, PATH=self.programs)
        self.assertEqual((status, said), (0, ""))
        self.assertTrue(printed.startswith(ASK), printed)
        return printed[len(ASK) :].strip()

    def test_with_the_step(self):
        """By either maker's list."""
        self.kernel("6.1.0-28-amd64", "scripts/xen-ephemeral/ephemeral-disks.sh")
        self.assertEqual(self.told(), "1")
        os.unlink(self.programs / "lsinitramfs")
        self.program("lsinitrd", f'echo "-rw-r--r-- 1 root root 99 Jan 1 1970 {WITH}"')
        self.kernel("6.12.0-2.fc41", initramfs="initramfs-{}.img")
        self.assertEqual(self.told(), "1")

    def test_without(self):
        """And what only sounds like it."""
        self.kernel("6.1.0-28-amd64", "usr/my-ephemeral-disks.sh", WITH + ".bak")
        self.assertEqual(self.told(), "")

    def test_the_newest_counts(self):
        """By version, not by letter."""
        self.kernel("6.9.0-1-amd64", WITH)
        self.kernel("6.12.0-1-amd64")
        self.assertEqual(self.told(), "")
        self.kernel("6.12.0-2-amd64", WITH)
        self.assertEqual(self.told(), "1")

    def test_no_kernel(self):
        """The template boots dom0's."""
        self.assertEqual(self.told(), "")

    def test_no_program_that_lists(self):
        """Not known is not supported."""
        os.unlink(self.programs / "lsinitramfs")
        self.kernel("6.1.0-28-amd64", WITH)
        self.assertEqual(self.told(), "")


if __name__ == "__main__":
    unittest.main()
