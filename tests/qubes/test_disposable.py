# SPDX-License-Identifier: GPL-2.0-or-later
"""A disposable from its creation to its end, and what must not come of a start that fails."""
import hashlib
import os
import threading
from unittest import mock

from case import SNAPSHOTS, Case, device_of
from qubesephemeral import marker


class TestDisposable(Case):
    """The whole way of a disposable."""

    def setUp(self):
        super().setUp()
        self.machine.add_pool()
        self.want(self.machine.dvm)

    def test_unnamed(self):
        vm = self.machine.add_disposable()
        self.machine.start(vm)
        self.assert_topology(vm)
        self.assert_open(vm)
        self.machine.stop(vm)
        self.assert_closed()
        self.assertNotIn(vm, self.machine.app.domains)

    def test_named_hvm_twice_and_reloaded(self):
        name = self.machine.add_disposable("sys-usb", virt_mode="hvm").name
        keys = set()
        for _ in range(2):
            vm = self.machine.app.domains[name]
            self.machine.start(vm)
            self.assert_topology(vm)
            self.assert_open(vm)
            keys.add(self.command.devices()[device_of(vm)])
            self.machine.stop(vm)
            self.assert_closed()
            self.machine.reload()
        self.assertEqual(len(keys), 2)
        self.assertIn(name, self.machine.app.domains)

    def test_opened_once(self):
        vm = self.machine.add_disposable("sys-net", virt_mode="hvm")
        self.machine.start(vm)
        self.assertEqual(len(self.command.calls("open")), 1)
        store = self.folder / "store"
        self.assertEqual(
            self.command.calls("open")[0],
            f"open --name sys-net-volatile --dir {store} --size {vm.volumes['volatile'].size}",
        )

    def test_armed_and_proved_before_it_runs(self):
        vm = self.machine.add_disposable()
        seen = []
        real = type(vm).fire_event_async

        async def note(emitter, event, *args, **kwargs):
            if event == "domain-start":
                seen.extend(self.command.calls())
            await real(emitter, event, *args, **kwargs)

        with mock.patch.object(type(vm), "fire_event_async", note):
            self.machine.start(vm)
        verbs = [call.split()[0] for call in seen]
        self.assertEqual(verbs, ["close", "open", "arm", "verify"])
        self.assertEqual(seen[-1], f"verify --json {vm.xid}")

    def test_proved_once(self):
        """Though a start unpauses too, which what was never looked at is looked at before."""
        vm = self.machine.add_disposable()
        self.machine.start(vm)
        self.assertFalse(vm.is_paused())
        self.assertEqual(len(self.command.calls("arm")), 1)
        self.assertEqual(len(self.command.calls("verify")), 1)

    def test_initramfs_is_read_beside_the_event_loop(self):
        """qubesd answers others meanwhile."""
        vm = self.machine.add_disposable()
        self.machine.prepare()
        marker._known.clear()
        threads = []
        real = hashlib.file_digest

        def file_digest(*args):
            threads.append(threading.current_thread())
            return real(*args)

        with mock.patch.object(hashlib, "file_digest", file_digest):
            self.machine.start(vm)
        self.assertEqual(len(threads), 1)
        self.assertIsNot(threads[0], threading.main_thread())

    def test_armed_though_late(self):
        self.command.put("late-arm", "3")
        vm = self.machine.add_disposable()
        self.machine.start(vm)
        self.assert_open(vm)

    def test_template_is_left_alone(self):
        self.machine.start(self.machine.add_disposable())
        for volume_name in SNAPSHOTS:
            self.assertTrue(self.machine.dvm.volumes["private"].rw, volume_name)
        self.assertTrue(self.machine.dvm.volumes["root"].rw)
        self.machine.start(self.machine.dvm)
        disks = self.machine.disks(self.machine.dvm)
        self.assertFalse(disks["xvdb"][1])
        self.machine.stop(self.machine.dvm)

    def test_stopped_twice_and_never_started(self):
        vm = self.machine.add_disposable("once")
        self.machine.run(vm.storage.stop())
        self.machine.start(vm)
        self.machine.stop(vm)
        self.machine.run(vm.storage.stop())
        self.assert_closed()

    def test_leftover_is_not_met(self):
        vm = self.machine.add_disposable("once")
        (self.command.mapper / device_of(vm)).write_text("old key", encoding="ascii")
        self.machine.start(vm)
        self.assertNotIn("old key", self.command.devices()[device_of(vm)])


class TestFailsClosed(Case):
    """What Qubes forgets is made anew."""

    def setUp(self):
        super().setUp()
        self.machine.add_pool()
        self.want(self.machine.dvm)

    def test_template_changes(self):
        vm = self.machine.add_disposable("named")
        self.machine.dvm.template = self.machine.add_template("another")
        self.machine.start(vm)
        self.assert_topology(vm)

    def test_writable_again(self):
        vm = self.machine.add_disposable("named")
        for name in SNAPSHOTS:
            vm.volumes[name].rw = True
        vm.volumes["volatile"].ephemeral = False
        vm.volumes["volatile"].rw = False
        self.machine.start(vm)
        self.assert_topology(vm)

    def test_created_with_a_pool(self):
        vm = self.machine.add_disposable("named", pool="stock")
        self.machine.start(vm)
        self.assert_topology(vm)

    def test_moved_to_our_pool(self):
        self.machine.app.default_pool_volatile = "stock"
        vm = self.machine.add_disposable("named")
        self.assertEqual(str(vm.volumes["volatile"].pool), "stock")
        self.machine.app.default_pool_volatile = "encrypted"
        old = vm.volumes["volatile"]
        self.machine.run(old.start())
        self.assertTrue(os.path.exists(old.path))
        self.machine.start(vm)
        self.assertFalse(os.path.exists(old.path), "what was left of the old one is gone")
        self.assert_topology(vm)
        self.machine.stop(vm)
        self.machine.reload()
        self.assertEqual(str(self.machine.app.domains["named"].volumes["volatile"].pool), "encrypted")

    def test_loaded_while_it_runs(self):
        """qubesd restarts: what it says of the disks of one that was not started so stays true."""
        self.want(self.machine.dvm, "")
        self.machine.app.default_pool_volatile = "stock"
        vm = self.machine.add_disposable("named")
        self.machine.start(vm)
        self.want(self.machine.dom0)
        self.want(vm)
        vm.fire_event("domain-load")
        for name in SNAPSHOTS:
            self.assertTrue(vm.volumes[name].rw, name)
        self.assertFalse(vm.volumes["volatile"].ephemeral)

    def changed_during_its_start(self, vm, change):
        """As an admin's call does while the start waits for something else."""
        verify = vm.storage.verify

        async def verify_and_change():
            await verify()
            change()

        with mock.patch.object(vm.storage, "verify", verify_and_change):
            return self.refused(vm)

    def test_writable_again_during_its_start(self):
        vm = self.machine.add_disposable("named")
        said = self.changed_during_its_start(vm, lambda: setattr(vm.volumes["private"], "rw", True))
        self.assertIn("its volume private was changed during the start", said)
        self.assert_closed()
        self.assertIn(vm, self.machine.app.domains)

    def test_not_encrypted_any_more_during_its_start(self):
        self.machine.app.default_pool_volatile = "stock"
        vm = self.machine.add_disposable("named")
        volume = vm.volumes["volatile"]
        said = self.changed_during_its_start(vm, lambda: setattr(volume, "ephemeral", False))
        self.assertIn("its volume volatile was changed during the start", said)

    def test_another_volume_fails(self):
        vm = self.machine.add_disposable("named")
        self.machine.fail_volume("root")
        self.refused(vm)
        self.assert_closed()

    def test_libvirt_fails(self):
        vm = self.machine.add_disposable("named")
        self.machine.fail_spawn()
        self.refused(vm)
        self.assert_closed()


class TestNamedSurvives(Case):
    """A start that fails deletes no named disposable."""

    def setUp(self):
        super().setUp()
        self.machine.add_pool()
        self.want(self.machine.dvm)
        self.vm = self.machine.add_disposable("sys-usb", virt_mode="hvm")

    def survives(self, *words):
        self.refused(self.vm, *words)
        self.assertIn("sys-usb", self.machine.app.domains)
        self.assert_closed()
        self.machine.reload()
        self.assertIn("sys-usb", self.machine.app.domains)

    def test_kernel(self):
        self.machine.unprepare()
        self.survives("xen-ephemeral-initramfs prepare 6.12.63-1.fc41")

    def test_open(self):
        self.command.put("fail-open", "cannot make the store: No space left on device")
        self.survives("No space left on device")

    def test_libvirt(self):
        self.machine.fail_spawn()
        self.survives()

    def test_proof(self):
        self.command.break_promise()
        self.survives("the promise is broken: xvdb: blkback takes no writes")

    def test_prohibited(self):
        self.vm.features["prohibit-start"] = "because"
        self.survives("because")

    def test_unnamed_goes(self):
        self.machine.unprepare()
        vm = self.machine.add_disposable()
        self.refused(vm)
        self.assertNotIn(vm, self.machine.app.domains)

    def test_removal_is_possible(self):
        self.machine.unprepare()
        self.refused(self.vm)
        del self.machine.app.domains["sys-usb"]
        self.assertNotIn("sys-usb", self.machine.app.domains)

    def test_others_are_left_to_qubes(self):
        vm = self.machine.add_disposable("other", pool="stock")
        self.want(vm, "")
        failed = mock.patch("qubesephemeral.refusal.failed_start", return_value=ValueError())
        with failed:
            with self.assertRaises(ValueError):
                del self.machine.app.domains["sys-usb"]
            del self.machine.app.domains["other"]

    def test_removal_while_another_error_is_handled(self):
        try:
            raise ValueError
        except ValueError:
            del self.machine.app.domains["sys-usb"]
        self.assertNotIn("sys-usb", self.machine.app.domains)
