# SPDX-License-Identifier: GPL-2.0-or-later
"""Preloaded disposables: started and paused before anybody asks for one. The real Qubes alone has them."""
import asyncio
import os
import sys
import unittest
from unittest import mock

from case import Case


async def _as_completed(tasks):
    """asyncio.as_completed of Python 3.13, dom0's."""
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            yield task


class TestPreload(Case):
    """Only where the real one is: see load_tests."""

    def setUp(self):
        super().setUp()
        if sys.version_info < (3, 13):
            patch = mock.patch.object(asyncio, "as_completed", _as_completed)
            patch.start()
            self.addCleanup(patch.stop)
        self.machine.add_pool()
        dvm = self.machine.dvm
        self.want(dvm)
        dvm.maxmem = 0  # no qmemman
        for service in ("WaitForRunningSystem", "WaitForSession"):
            dvm.features[f"supported-rpc.qubes.{service}"] = True
        # Without the event, which would begin to preload by itself.
        dict.__setitem__(dvm.features, "preload-dispvm-max", "1")

    def preload(self):
        """One that waits to be used."""

        async def answer(*_args, **_kwargs):
            return b"", b""

        cls = self.machine.app.get_vm_class("DispVM")
        with mock.patch.object(cls, "run_service_for_stdio", answer):
            return self.machine.run(cls.from_appvm(self.machine.dvm, preload=True))

    def test_paused_and_armed(self):
        vm = self.preload()
        self.assertTrue(vm.is_preload and vm.is_paused())
        self.assert_topology(vm)
        self.assert_open(vm)
        self.assertEqual(len(self.command.calls("verify")), 1)
        self.assertEqual(vm.is_preload_outdated(), {})
        self.machine.run(vm.cleanup())
        self.assert_closed()

    def test_not_proved(self):
        self.command.break_promise()
        with self.assertRaises(Exception) as caught:
            self.preload()
        self.assertIn("the promise is broken", str(caught.exception))
        self.assertEqual([vm for vm in self.machine.app.domains if vm.klass == "DispVM"], [])
        self.assert_closed()


def load_tests(_loader, tests, _pattern):
    """unittest's hook."""
    return tests if os.environ.get("QUBES_SRC") else unittest.TestSuite()
