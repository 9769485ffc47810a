# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests are written with: the same against the real Qubes and its stand-in."""
import importlib
import logging
import os
import pathlib
import shutil
import tempfile
import unittest
from unittest import mock

from qubesephemeral import command, device

_KIND = "machine_real" if os.environ.get("QUBES_SRC") else "machine_standin"

SNAPSHOTS = ("root", "private")


def device_of(vm):
    """The name of its volatile device."""
    return f"xeneph-vol-{vm.name}-volatile@crypt"


class Case(unittest.TestCase):
    """A system of its own for each test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qubes-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.machine = importlib.import_module(_KIND).Machine(self.folder)
        self.addCleanup(self.machine.close)
        self.command = self.machine.command
        for target, name, value in (
            (command, "PROGRAM", str(self.command.program)),
            (command, "KILL_DEADLINE", 1.0),
            (device, "MAPPER", str(self.command.mapper)),
            (device, "BLOCK", str(self.command.folder / "block")),
        ):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def want(self, vm, value=True):
        """Sets the feature."""
        vm.features["ephemeral-disposable"] = value

    def assert_topology(self, vm):
        """Root, private and modules read-only, volatile alone writable, and that our device."""
        disks = self.machine.disks(vm)
        self.assertEqual(disks["xvdc"], (str(self.command.mapper / device_of(vm)), False))
        for name in ("xvda", "xvdb"):
            self.assertTrue(disks[name][1], name)
        self.assertEqual([name for name, disk in disks.items() if not disk[1]], ["xvdc"])
        if os.environ.get("QUBES_SRC"):
            self.assertEqual(sorted(disks), ["xvda", "xvdb", "xvdc", "xvdd"])

    def assert_open(self, vm, armed=True):
        """Its device is there, and armed."""
        self.assertIn(device_of(vm), self.command.devices())
        self.assertEqual("armed" in self.command.devices()[device_of(vm)], armed)

    def assert_closed(self):
        """No device is there."""
        self.assertEqual(self.command.devices(), {})

    def refused(self, vm, *words):
        """A start fails and says so; returns what was said."""
        with self.assertRaises(Exception) as caught:
            self.machine.start(vm)
        for word in words:
            self.assertIn(word, str(caught.exception))
        return str(caught.exception)


class LoggedCase(Case):
    """What is logged is looked at. There is a pool, and the template makes fully ephemeral disposables."""

    def setUp(self):
        super().setUp()
        self.machine.add_pool()
        self.want(self.machine.dvm)
        logging.disable(logging.NOTSET)
