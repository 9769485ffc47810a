# SPDX-License-Identifier: GPL-2.0-or-later
"""What a disposable is told by, in a Qubes that has changed."""
import unittest

import qubes.exc
from qubesephemeral import refusal, refusing, wanted


class DispVM:
    """Without the attribute auto_cleanup, which this Qubes calls otherwise."""

    name = "sys-usb"
    volumes: dict = {}

    def __init__(self):
        self.features = self

    def check_with_template(self, name, _default):
        """The feature is set."""
        return "1" if name == wanted.WANTED else None

    def start(self):
        """Fails, and is deleted for that."""
        try:
            raise OSError("libvirt says no")
        except OSError:
            refusal.check_deletion(self)


class SpecialDispVM(DispVM):
    """A kind of it."""


class TestDisposable(unittest.TestCase):
    """By its class' name, or by the attribute."""

    def test_by_name(self):
        for cls in (DispVM, SpecialDispVM):
            self.assertTrue(wanted.is_disposable(cls()))

    def test_by_attribute(self):
        renamed = type("Disposable", (), {"auto_cleanup": False})
        self.assertTrue(wanted.is_disposable(renamed()))

    def test_others(self):
        self.assertFalse(wanted.is_disposable(self))

    def test_refused(self):
        """Where the extension cannot be loaded either."""
        with self.assertRaises(qubes.exc.QubesException):
            # Not made in the usual way, which would register it for the other tests too.
            extension = object.__new__(refusing.RefusingExtension)
            extension.on_pre_start(DispVM(), "domain-pre-start")

    def test_not_deleted(self):
        with self.assertRaises(OSError):
            DispVM().start()


if __name__ == "__main__":
    unittest.main()
