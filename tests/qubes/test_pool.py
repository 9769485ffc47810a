# SPDX-License-Identifier: GPL-2.0-or-later
"""The pool driver, by itself."""
import os
import shutil
from unittest import mock

import qubes.exc
import qubes.storage
from case import Case
from qubesephemeral import command, device, volume


class TestPool(Case):
    """The driver, by itself."""

    def add(self, name="named"):
        """A domain whose volatile volume is in the default pool."""
        return self.machine.add_appvm(name)

    @staticmethod
    def volume(vm):
        """That volume."""
        return vm.volumes["volatile"]

    def test_options(self):
        for options in ({}, {"dir_path": "/tmp", "store_pool": "stock"}):
            with self.assertRaises(qubes.exc.StoragePoolException):
                self.machine.run(
                    self.machine.app.add_pool("bad", driver="ephemeral", **options)
                )
            self.assertNotIn("bad", self.machine.app.pools)

    def test_folder_without_a_whole_path(self):
        with self.assertRaises(qubes.exc.StoragePoolException) as caught:
            self.machine.add_pool(dir_path="a/folder")
        self.assertIn("from /", str(caught.exception))
        self.assertFalse(os.path.exists("a"))

    def test_folder_that_cannot_be(self):
        (self.folder / "file").touch()
        with self.assertRaises(qubes.exc.StoragePoolException) as caught:
            self.machine.add_pool(dir_path=str(self.folder / "file"))
        self.assertIn("O_TMPFILE", str(caught.exception))
        with self.assertRaises(qubes.exc.StoragePoolException):
            self.machine.add_pool(dir_path="/proc")

    def test_store_pool_that_cannot_be(self):
        self.machine.add_pool()
        for name in ("nowhere", "encrypted", "itself"):
            with self.assertRaises(qubes.exc.StoragePoolException):
                self.machine.run(
                    self.machine.app.add_pool("itself", driver="ephemeral", store_pool=name)
                )
            self.assertNotIn("itself", self.machine.app.pools)

    def test_store_pool_is_not_removed(self):
        self.machine.run(self.machine.app.add_pool("other", **self.machine.stock_options("other")))
        self.machine.add_pool(store_pool="other")
        with self.assertRaises(qubes.exc.QubesPoolInUseError):
            self.machine.run(self.machine.app.remove_pool("other"))

    def test_config_round_trip(self):
        self.machine.add_pool().ephemeral_volatile = False
        self.machine.run(
            self.machine.app.add_pool("second", driver="ephemeral", store_pool="stock")
        )
        before = [self.machine.app.pools[name].config for name in ("encrypted", "second")]
        vm = self.add()
        config = vm.volumes["volatile"].config
        self.machine.reload()
        after = [self.machine.app.pools[name].config for name in ("encrypted", "second")]
        self.assertEqual(before, after)
        self.assertFalse(self.machine.app.pools["encrypted"].ephemeral_volatile)
        self.assertEqual(config, self.machine.app.domains["named"].volumes["volatile"].config)

    def test_loads_without_its_folder_and_its_store_pool(self):
        self.machine.add_pool()
        self.want(self.machine.dvm)
        self.machine.add_disposable("named")
        shutil.rmtree(self.folder / "store")
        self.machine.reload()
        vm = self.machine.app.domains["named"]
        self.assertEqual(vm.volumes["volatile"].pool.size, None)
        self.refused(vm, "No such file or directory")
        self.assertIn("named", self.machine.app.domains)

    def test_loads_where_a_volume_cannot_be_made(self):
        """After a change in Qubes. qubes.xml keeps it as it is, and nothing starts it."""
        self.machine.add_pool()
        self.want(self.machine.dvm)
        self.machine.add_disposable("named")
        config = self.volume(self.machine.app.domains["named"]).config
        error = TypeError("unexpected argument")
        with mock.patch.object(volume.EphemeralVolume, "__init__", side_effect=error):
            self.machine.reload()
        vm = self.machine.app.domains["named"]
        self.assertEqual(config, self.volume(vm).config)
        self.refused(vm, "the storage driver ephemeral cannot be loaded", "unexpected argument")
        self.assertIn("named", self.machine.app.domains)

    def test_store_pool(self):
        self.machine.add_pool(store_pool="stock")
        self.want(self.machine.dvm)
        vm = self.machine.add_disposable("named")
        self.machine.start(vm)
        self.assert_topology(vm)
        words = self.command.calls("open")[0].split()
        self.assertEqual(words[:4], ["open", "--name", "named-volatile", "--dev"])
        self.assertTrue(words[4].startswith(str(self.folder)), words)
        self.assertTrue(os.path.exists(words[4]))
        self.machine.stop(vm)
        self.assertFalse(os.path.exists(words[4]))
        self.assertIs(
            self.machine.app.pools["encrypted"].included_in(self.machine.app),
            self.machine.app.pools["stock"],
        )

    def test_size_of_a_store_pool(self):
        """Is the other pool's; also after a restart."""
        self.machine.add_pool(store_pool="stock")
        for _ in range(2):
            pool, store = (self.machine.app.pools[name] for name in ("encrypted", "stock"))
            self.assertGreater(pool.size, 0)
            self.assertEqual(pool.size, store.size)
            self.assertIsNotNone(store.usage)
            self.assertAlmostEqual(pool.usage, store.usage, delta=1 << 30)
            self.machine.reload()

    def test_volatile_only(self):
        pool = self.machine.add_pool()
        for config in ({"save_on_stop": True}, {"snap_on_start": True, "source": self.volume(self.add())}):
            with self.assertRaises(NotImplementedError) as caught:
                pool.init_volume(self.machine.dvm, {"name": "private", "size": 1 << 30, **config})
            # qubesd shows a user the words of no other exception.
            self.assertIsInstance(caught.exception, qubes.exc.QubesException)

    def test_interface(self):
        pool = self.machine.add_pool()
        vm = self.add()
        found = self.volume(vm)
        self.assertEqual(found.vid, "named-volatile")
        self.assertIs(pool.volumes["named-volatile"], found)
        self.assertEqual(list(pool.volumes.keys()), ["named-volatile"])
        with self.assertRaises(KeyError):
            pool.get_volume("nobody")
        self.assertEqual((found.revisions, found.is_outdated(), found.usage), ({}, False, 0))
        self.assertFalse(found.is_dirty())
        self.assertGreater(pool.size, pool.usage)
        self.assertEqual(found.encrypted_volume_path("named", "volatile"), found.path)
        self.assertTrue(found.ephemeral)
        found.ephemeral = False
        self.assertEqual(found.block_device().path, found.path)
        self.machine.start(vm)
        self.assertTrue(found.is_dirty())
        self.machine.stop(vm)

    def test_other_pools_are_searched_in(self):
        """Qubes looks at `dir_path` of whatever pool has one."""
        self.machine.run(
            self.machine.app.add_pool("second", driver="ephemeral", store_pool="stock")
        )
        pools = list(self.machine.app.pools.values())
        qubes.storage.search_pool_containing_dir(pools, "/nowhere/at/all")

    def test_resize(self):
        self.machine.add_pool()
        vm = self.add()
        self.machine.run(vm.storage.resize("volatile", (20 << 20) + 1))
        self.assertEqual(self.volume(vm).size, (20 << 20) + 4096)
        with self.assertRaises(qubes.exc.StoragePoolException):
            self.machine.run(vm.storage.resize("volatile", 1 << 20))
        self.machine.start(vm)
        self.assertIn(f"--size {(20 << 20) + 4096}", self.command.calls("open")[0])
        with self.assertRaises(qubes.exc.StoragePoolException) as caught:
            self.machine.run(vm.storage.resize("volatile", 40 << 20))
        self.assertIn("in use", str(caught.exception))

    def test_started_twice_is_one_device(self):
        self.machine.add_pool()
        vm = self.add()
        self.machine.run(self.volume(vm).start())
        first = self.command.devices()
        self.machine.run(self.volume(vm).start_encrypted("/dev/mapper/whatever"))
        self.assertEqual(self.command.devices(), first)

    def test_removed(self):
        pool = self.machine.add_pool()
        vm = self.add()
        self.machine.run(self.volume(vm).start())
        self.machine.run(vm.storage.remove())
        self.assert_closed()
        self.assertEqual(list(pool.volumes), [])

    def test_removed_while_it_is_open(self):
        self.machine.add_pool()
        vm = self.add()
        self.machine.run(self.volume(vm).start())
        self.machine.run(self.volume(vm).remove())
        self.assert_closed()

    def test_created_too_small(self):
        pool = self.machine.add_pool()
        config = {"name": "volatile", "rw": True, "size": 1 << 20}
        with self.assertRaises(qubes.exc.StoragePoolException):
            self.machine.run(pool.init_volume(self.add(), config).create())

    def test_store_is_treated_as_a_volume(self):
        self.machine.add_pool(store_pool="stock")
        found = self.volume(self.add())
        inner = found._store.volume
        self.assertIs(found._store.volume, inner)
        self.machine.app.pools["stock"].ephemeral_volatile = True
        self.assertFalse(inner.ephemeral)
        for verb, arguments in (("create", ()), ("verify", ()), ("resize", (8 << 20,)), ("remove", ())):
            with mock.patch.object(type(inner), verb) as called:
                self.machine.run(getattr(found, verb)(*arguments))
            called.assert_called_once_with(*arguments)

    def test_usage_without_its_store_pool(self):
        options = self.machine.stock_options("other")
        self.machine.run(self.machine.app.add_pool("other", **options))
        self.machine.add_pool(store_pool="other")
        self.add()
        self.machine.reload()
        del self.machine.app.pools["other"]
        self.assertEqual(self.volume(self.machine.app.domains["named"]).usage, 0)

    def test_stop_raises_one_kind(self):
        self.machine.add_pool(store_pool="stock")
        vm = self.add()
        found = self.volume(vm)
        self.machine.run(found.start())
        self.command.put("fail-close", "cannot close the volume")
        with self.assertRaises(qubes.exc.StoragePoolException):
            self.machine.run(found.stop())
        self.command.drop("fail-close")
        with mock.patch("os.unlink", side_effect=OSError), mock.patch(
            "os.remove", side_effect=OSError
        ):
            with self.assertRaises(qubes.exc.StoragePoolException):
                self.machine.run(found.stop())
        self.command.program.unlink()
        with self.assertRaises(qubes.exc.StoragePoolException):
            self.machine.run(found.stop())

    def test_deadline(self):
        self.machine.add_pool()
        vm = self.add()
        self.command.put("hang-open", "")
        with mock.patch.object(command, "DEADLINE", 2.0):
            with self.assertRaises(qubes.exc.StoragePoolException) as caught:
                self.machine.run(self.volume(vm).start())
        self.assertIn("has not ended", str(caught.exception))
        pid = int((self.command.folder / "pid").read_text(encoding="ascii"))
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_link_comes_late(self):
        self.machine.add_pool()
        vm = self.add()
        self.command.put("late-link", "")
        self.machine.run(self.volume(vm).start())
        self.assertTrue(os.path.exists(self.volume(vm).path))

    def test_link_never_comes(self):
        self.machine.add_pool()
        vm = self.add()
        nowhere = mock.patch.object(device, "BLOCK", "/nowhere")
        with nowhere, mock.patch.object(volume, "LINK_SECONDS", 0.2):
            with self.assertRaises(qubes.exc.StoragePoolException) as caught:
                self.machine.run(self.volume(vm).start())
        self.assertIn("udev has made no", str(caught.exception))

    def test_link_to_another_device(self):
        """udev is slow to remove it, and the number has another device meanwhile."""
        self.machine.add_pool()
        vm = self.add()
        other = self.machine.add_appvm("other")
        self.machine.run(self.volume(other).start())
        link = self.command.mapper / self.volume(vm).path.rsplit("/", 1)[1]
        link.symlink_to(self.volume(other).path)
        self.assertFalse(self.volume(vm).is_open)
        link.unlink()

    def test_arm_has_a_deadline(self):
        self.machine.add_pool()
        vm = self.add()
        with mock.patch.object(volume, "ARM_SECONDS", 0.5):
            with self.assertRaises(qubes.exc.StoragePoolException):
                self.machine.run(self.volume(vm).arm())
