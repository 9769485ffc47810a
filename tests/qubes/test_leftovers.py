# SPDX-License-Identifier: GPL-2.0-or-later
"""What a qubesd that was killed has left, and what is not its to touch."""
import asyncio
import json
import logging
import sys
from unittest import mock

import qubes.exc
from case import Case, device_of
from qubesephemeral import command, leftovers, proof
from qubesephemeral.entry import LeftoversExtension


class LeftoversCase(Case):
    """Pools over a folder, over another pool and over one of LVM, and a disposable template."""

    def setUp(self):
        super().setUp()
        self.extension = LeftoversExtension()
        self.addCleanup(setattr, self.extension, "task", None)
        self.addCleanup(setattr, self.extension, "looks", [])
        self.machine.add_pool("over", store_pool="stock")
        thin = self.machine.stock_options("thin")
        self.machine.run(self.machine.app.add_pool("thin", **thin))
        self.machine.app.pools["thin"].volume_group = "qubes_dom0"
        self.machine.add_pool("over-thin", store_pool="thin")
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
        if self.extension.looks:
            self.machine.run(asyncio.wait(self.extension.looks, timeout=30))
        return [call.removeprefix("close ") for call in self.command.calls("close")]

    def end(self, *tasks):
        """What would not end by itself."""
        for task in tasks:
            task.cancel()
        self.machine.run(asyncio.wait(tasks))


class TestLeftovers(LeftoversCase):
    """Volumes."""

    def file_of(self, name, pool="stock", file="volatile-dirty.img"):
        """What Qubes' driver for files makes."""
        return str(self.folder / pool / "appvms" / name / file)

    def test_closed(self):
        self.leave("disp7-volatile")
        self.leave("disp8-volatile", "/dev/mapper/qubes_dom0-vm--disp8--volatile")
        self.leave("disp9-volatile", self.file_of("disp9"))
        self.assertEqual(self.begin(), ["disp7-volatile", "disp8-volatile", "disp9-volatile"])

    def test_not_ours(self):
        """Somebody opened it by hand, or in a folder or a store of their own."""
        self.leave("disp7")
        self.leave("disp7-volatile", "unnamed file in /elsewhere")
        self.leave("disp8-volatile", "/dev/mapper/vg0-mine")
        self.leave("disp9-volatile", "")
        self.leave("8-volatile", "/dev/mapper/qubes_dom0-vm--disp8--volatile")
        self.assertEqual(self.begin(), [])

    def test_names_are_whole(self):
        """A domain's name may end in another's."""
        self.leave("disp1-volatile", "/dev/mapper/qubes_dom0-vm--my--disp1--volatile")
        self.leave("disp2-volatile", "/dev/mapper/qubes_dom0-vm--disp2--volatile--mine")
        self.leave("disp3-volatile", self.file_of("my-disp3"))
        self.leave("disp4-volatile", self.file_of("disp4", file="volatile-mine.img"))
        self.leave("my-disp5-volatile", "/dev/mapper/qubes_dom0-vm--my--disp5--volatile")
        self.assertEqual(self.begin(), ["my-disp5-volatile"])

    def test_store_of_no_pool(self):
        """The names are right, and they are not where a pool of ours has its volumes."""
        self.leave("disp1-volatile", "/dev/mapper/other-vm--disp1--volatile")
        self.leave("disp2-volatile", self.file_of("disp2", pool="stock-too"))
        self.leave("disp3-volatile", "/elsewhere/appvms/disp3/volatile-dirty.img")
        self.assertEqual(self.begin(), [])

    def test_store_pool_is_gone(self):
        self.machine.app.pools["over"].store_pool = "gone"
        self.leave("disp4-volatile", self.file_of("disp4"))
        self.assertEqual(self.begin(), [])

    def test_opened_meanwhile(self):
        """Others are closed first, which takes time."""
        self.leave("disp7-volatile")
        later = [self.left[0] | {"open": 1}]
        with mock.patch.object(command, "volumes", side_effect=[self.left, later]):
            self.assertEqual(self.begin(), [])

    def test_one_that_cannot_be_closed(self):
        self.leave("disp7-volatile")
        self.leave("disp8-volatile")
        failure = command.CommandError("xen-ephemeral close failed")
        with mock.patch.object(command, "run", side_effect=[failure, None]) as called:
            self.begin()
        self.assertEqual(called.call_args_list[1], mock.call("close", "disp8-volatile"))

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

    def test_a_start_does_not_wait_for_ever(self):
        vm = self.machine.add_disposable("named")
        logging.disable(logging.NOTSET)
        self.extension.task = self.machine.loop.create_task(asyncio.sleep(60))
        short = mock.patch.object(leftovers, "START_SECONDS", 0.2)
        with short, self.assertLogs("qubes.ext.ephemeral") as logs:
            self.machine.run(asyncio.wait_for(vm.start(), 20))
        self.assertIn("a start waits no longer", "".join(logs.output))
        self.assert_open(vm)
        self.assertFalse(self.extension.task.cancelled())
        self.end(self.extension.task)

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

    def test_it_runs_and_is_armed_and_paused_later(self):
        """It was proved before it ran. It has work in it, and perhaps a disk that was attached since."""
        self.leave("named-volatile", open=1, armed=True)
        self.begin()
        self.command.break_promise()
        self.machine.run(self.vm.pause())
        self.machine.run(self.vm.unpause())
        self.assertEqual(self.command.calls("verify"), [])
        self.assertFalse(self.vm.is_halted())

    def test_it_is_paused_and_armed(self):
        """qubesd was killed between the two."""
        self.machine.run(self.vm.pause())
        self.leave("named-volatile", open=1, armed=True)
        self.begin()
        self.assertEqual(self.command.calls("verify"), [])
        self.command.break_promise()
        with self.assertRaises(qubes.exc.QubesException):
            self.machine.run(self.vm.unpause())
        self.assertTrue(self.vm.is_halted())

    def test_a_start_does_not_wait_for_a_look(self):
        other = self.machine.add_disposable("other")
        self.leave("named-volatile", open=1)
        begun = []

        async def never(vm):
            begun.append(vm)
            await asyncio.sleep(60)

        with mock.patch.object(proof, "look_later", never):
            with mock.patch.object(sys, "argv", ["/usr/bin/qubesd"]):
                self.machine.dom0.fire_event("domain-load")
            self.machine.run(asyncio.wait_for(self.extension.task, 20))
            self.assertEqual(len(self.extension.looks), 1)
        self.machine.run(asyncio.wait_for(other.start(), 20))
        self.assertEqual(begun, [self.vm])
        self.assert_open(other)
        self.end(*self.extension.looks)

    def test_one_that_fails_does_not_keep_the_others(self):
        """It has ended before it could be killed."""
        other = self.machine.add_disposable("other")
        with mock.patch.object(proof, "look", return_value=None):
            self.machine.start(other)
        self.command.forget()
        for vm in (self.vm, other):
            self.leave(f"{vm.name}-volatile", open=1)
        real = proof.look_later

        async def look_later(vm):
            if vm is self.vm:
                raise qubes.exc.QubesVMNotStartedError(vm)
            await real(vm)

        with mock.patch.object(proof, "look_later", look_later):
            self.begin()
        self.assertEqual(self.command.calls("verify"), [f"verify --json {other.xid}"])

    def test_it_runs_and_is_broken(self):
        self.leave("named-volatile", open=1)
        self.command.break_promise()
        self.begin()
        self.assertTrue(self.vm.is_halted())
        self.assertNotIn(device_of(self.vm), self.command.devices())
