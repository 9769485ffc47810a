# SPDX-License-Identifier: GPL-2.0-or-later
"""What a qubesd that was killed has left, and what is not its to touch."""
import asyncio
import json
import logging
import sys
from unittest import mock

import qubes.exc
from case import Case, device_of
from qubesephemeral import proof
from qubesephemeral.entry import LeftoversExtension


class LeftoversCase(Case):
    """A pool over a folder, one over another pool, and a disposable."""

    def setUp(self):
        super().setUp()
        self.extension = LeftoversExtension()
        self.machine.add_pool("over", store_pool="stock")
        self.machine.add_pool()
        self.want(self.machine.dvm)
        proof.LOOKED_AT.clear()
        self.left = []

    def leave(self, name, store=None, **fields):
        """A volume is open."""
        if store is None:
            store = f"unnamed file in {self.folder / 'store'}"
        self.left.append({"volume": name, "open": 0, "armed": False, "store": store} | fields)
        self.command.put("volumes", json.dumps({"domains": [], "volumes": self.left}))

    def begin(self):
        """qubesd starts."""
        self.command.forget()
        with mock.patch.object(sys, "argv", ["/usr/bin/qubesd"]):
            self.machine.dom0.fire_event("domain-load")
        self.machine.run(asyncio.wait_for(self.extension.task, 30))
        return [call.removeprefix("close ") for call in self.command.calls("close")]


class TestLeftovers(LeftoversCase):
    """Volumes."""

    def test_closed(self):
        self.leave("disp7-volatile")
        self.leave("disp8-volatile", "/dev/mapper/qubes_dom0-vm--disp8--volatile")
        self.leave("disp9-volatile", "/var/lib/qubes/appvms/disp9/volatile-dirty.img")
        self.assertEqual(self.begin(), ["disp7-volatile", "disp8-volatile", "disp9-volatile"])

    def test_not_ours(self):
        """Somebody opened it by hand, or in a folder or a store of their own."""
        self.leave("disp7")
        self.leave("disp7-volatile", "unnamed file in /elsewhere")
        self.leave("disp8-volatile", "/dev/mapper/vg0-mine")
        self.leave("disp9-volatile", "")
        self.leave("8-volatile", "/dev/mapper/qubes_dom0-vm--disp8--volatile")
        self.assertEqual(self.begin(), [])

    def test_in_use(self):
        self.leave("disp7-volatile", open=1)
        self.assertEqual(self.begin(), [])

    def test_of_a_domain_that_is_known(self):
        """Qubes stops those that do not run; what runs has it."""
        halted, running = self.machine.add_disposable("halted"), self.machine.add_disposable("running")
        self.machine.start(halted)
        self.machine.stop(halted)
        self.machine.start(running)
        self.leave("halted-volatile")
        self.leave("running-volatile")
        self.assertEqual(self.begin(), [])

    def test_other_programs_touch_nothing(self):
        self.leave("disp7-volatile")
        self.extension.task = None
        self.machine.dom0.fire_event("domain-load")
        self.assertIsNone(self.extension.task)

    def test_no_loop(self):
        """qubes.xml is loaded all the same."""
        self.extension.task = None
        missing = mock.patch.object(asyncio, "get_event_loop", side_effect=RuntimeError)
        with mock.patch.object(sys, "argv", ["/usr/bin/qubesd"]), missing:
            self.machine.dom0.fire_event("domain-load")
        self.assertIsNone(self.extension.task)

    def test_a_start_waits(self):
        vm = self.machine.add_disposable("named")

        async def take_long():
            await asyncio.sleep(2)
            self.assertEqual(self.command.calls("open"), [])

        self.extension.task = self.machine.loop.create_task(take_long())
        self.machine.start(vm)
        self.assertTrue(self.extension.task.done())

    def test_what_fails_is_logged_without_a_name(self):
        logging.disable(logging.NOTSET)
        self.leave("secret-volatile")
        for name, text in (("fail-close", "secret-volatile: busy"), ("volumes", "nothing")):
            self.command.put(name, text)
            with self.assertLogs("qubes.ext.ephemeral") as logs:
                self.begin()
            self.assertIn("cannot see to what was left open", "".join(logs.output))
            self.assertNotIn("secret", "".join(logs.output))


class TestNeverLookedAt(LeftoversCase):
    """qubesd was killed after the domain was made, and before it was armed and proved."""

    def setUp(self):
        super().setUp()
        self.vm = self.machine.add_disposable("named")
        with mock.patch.object(proof, "look", return_value=None):
            self.machine.start(self.vm)
        proof.LOOKED_AT.clear()
        self.command.forget()

    def assert_looked_at(self):
        """Armed and proved, once."""
        self.assert_open(self.vm)
        self.assertEqual(self.command.calls("verify"), [f"verify --json {self.vm.xid}"])

    def unpause(self, event="domain-pre-unpaused"):
        """As qubesd does."""
        self.machine.run(self.vm.fire_event_async(event, pre_event="pre" in event))

    def test_unpaused(self):
        for event in ("domain-pre-unpaused", "domain-unpaused"):
            self.unpause(event)
            self.assert_looked_at()

    def test_unpaused_behind_its_back(self):
        self.unpause("domain-unpaused")
        self.assert_looked_at()

    def test_broken(self):
        self.command.break_promise()
        with self.assertRaises(qubes.exc.QubesException):
            self.unpause()
        self.assertTrue(self.vm.is_halted())
        self.assert_closed()

    def test_started_before_it_was_turned_on(self):
        """It stays as it is."""
        self.vm.volumes["private"].rw = True
        self.command.break_promise()
        self.unpause()
        self.assertEqual(self.command.calls(), [])

    def test_after_a_start_it_is_not_done_again(self):
        self.machine.stop(self.vm)
        self.machine.start(self.vm)
        self.command.forget()
        self.unpause()
        self.assertEqual(self.command.calls(), [])

    def test_it_runs(self):
        self.leave("named-volatile", open=1)
        self.begin()
        self.assert_looked_at()

    def test_it_runs_and_is_armed(self):
        self.leave("named-volatile", open=1, armed=True)
        self.begin()
        self.assertEqual(self.command.calls("verify"), [])

    def test_it_runs_and_is_broken(self):
        self.leave("named-volatile", open=1)
        self.command.break_promise()
        self.begin()
        self.assertTrue(self.vm.is_halted())
        self.assertNotIn(device_of(self.vm), self.command.devices())
