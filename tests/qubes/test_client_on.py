# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral on."""

import unittest

from client_case import ClientCase
from client_qubesd import error

SET = ("dom0", "vm.feature.Set", "ephemeral-disposable", b"1")
ADD = ("dom0", "pool.Add", "ephemeral", b"name=ephemeral\nstore_pool=vm-pool\n")
DEFAULT = ("dom0", "property.Set", "default_pool_volatile", b"ephemeral")


class OnAll(ClientCase):
    """--all."""

    def test_makes_pool_then_sets_feature(self):
        """The other way round it would be Qubes' own encryption for a while."""
        run = self.run_client("on", "--all")
        self.assertEqual(run.status, 0, run.err)
        self.assertEqual(self.qubesd.writes, [ADD, DEFAULT, SET])
        self.assertIn("on for all disposables\n", run.out)

    def test_the_new_pool_counts_at_once(self):
        """What is said of a disposable afterwards is what holds then."""
        run = self.run_client("on", "--all", "--verbose")
        self.assertNotIn("Qubes' own", run.out + run.err)

    def test_done_again_changes_nothing(self):
        """All is there."""
        self.own_pool()
        self.features("dom0")["ephemeral-disposable"] = "1"
        self.assertEqual(self.run_client("on", "--all").status, 0)
        self.assertEqual(self.qubesd.writes, [])

    def test_pool_of_files_gets_a_folder_beside_them(self):
        """Unnamed files, where the volatile volumes are."""
        self.qubesd.pools["vm-pool"] = {"driver": "file-reflink", "dir_path": "/var/lib/qubes"}
        self.run_client("on", "--all")
        payload = b"name=ephemeral\ndir_path=/var/lib/qubes/ephemeral\n"
        self.assertIn(("dom0", "pool.Add", "ephemeral", payload), self.qubesd.writes)

    def test_pool_of_ours_that_is_the_default_is_used(self):
        """Whatever its name."""
        self.qubesd.pools["mine"] = {"driver": "ephemeral", "dir_path": "/x"}
        self.qubesd.default_pool = "mine"
        self.run_client("on", "--all")
        self.assertEqual(self.qubesd.writes, [SET])

    def test_pool_option(self):
        """A pool of ours by another name is made the default."""
        self.qubesd.pools["mine"] = {"driver": "ephemeral", "dir_path": "/x"}
        self.run_client("on", "--all", "--pool", "mine")
        self.assertEqual(
            self.qubesd.writes, [("dom0", "property.Set", "default_pool_volatile", b"mine"), SET]
        )

    def test_second_pool_has_the_same_store(self):
        """Not one of our pools in another."""
        self.own_pool(store_pool="vm-pool")
        self.run_client("on", "--all", "--pool", "second")
        payload = b"name=second\nstore_pool=vm-pool\n"
        self.assertEqual(self.qubesd.writes[0], ("dom0", "pool.Add", "ephemeral", payload))

    def test_no_pool(self):
        """Qubes' own encryption, on purpose."""
        run = self.run_client("on", "--all", "--no-pool")
        self.assertEqual(self.qubesd.writes, [SET])
        self.assertIn("AES-128, which verify cannot prove", run.err)
        self.assertEqual(run.err.count("verify cannot prove"), 1)

    def test_exception_ends(self):
        """Who says all means all."""
        self.features("sys-usb")["ephemeral-disposable"] = ""
        self.run_client("on", "--all")
        self.assertEqual(self.features("sys-usb"), {})

    def test_exclude(self):
        """An exception is made."""
        run = self.run_client("on", "--all", "--exclude", "sys-usb")
        off = ("sys-usb", "vm.feature.Set", "ephemeral-disposable", b"")
        self.assertEqual(self.qubesd.writes[-2:], [off, SET])
        self.assertEqual(self.features("sys-usb"), {"ephemeral-disposable": ""})
        self.assertEqual(self.features("dom0"), {"ephemeral-disposable": "1"})
        self.assertNotIn("sys-usb: was started", run.err)

    def test_excluded_template_takes_its_disposables_along(self):
        """Their kernel does not matter then."""
        self.qubesd.qubes["dvm"]["props"]["kernel"] = "old"
        self.qubesd.qubes["sys-usb"]["props"]["kernel"] = "old"
        run = self.run_client("on", "--all", "--exclude", "dvm")
        self.assertEqual(run.status, 0, run.err)

    def test_exclude_of_what_is_not_there(self):
        """No exception that is none."""
        for name in ("sus-ysb", "personal"):
            self.assert_refused(self.run_client("on", "--all", "--exclude", name), name)

    def test_running_one_is_told(self):
        """It stays as it was started."""
        run = self.run_client("on", "--all")
        self.assertIn("disp1: was started before it was turned on: close it", run.err)

    def test_preloaded_one_is_ended(self):
        """Nobody has used it, and it would be handed out as it is."""
        self.qubesd.add(
            "disp2", "DispVM", "dvm", state="Paused", auto_cleanup=True, is_preload=True
        )
        run = self.run_client("on", "--all")
        self.assertEqual(self.qubesd.writes[-1], ("disp2", "vm.Kill", None, None))
        self.assertIn("disp2: preloaded before it was turned on, ended", run.out)

    def test_preloaded_one_that_is_closed_stays(self):
        """It was started after; one by Qubes' own encryption only if that is what is wanted."""
        cases: list[tuple[str, list[str], bool]] = [
            ("ephemeral", [], True),
            ("vm-pool", [], False),
            ("vm-pool", ["--no-pool"], True),
        ]
        for pool, words, stays in cases:
            self.qubesd.add("disp2", "DispVM", "dvm", state="Paused", is_preload=True)
            self.qubesd.close("disp2", pool)
            self.qubesd.default_pool = None
            self.run_client("on", "--all", *words)
            self.assertEqual("disp2" in self.qubesd.qubes, stays, (pool, words))


class OnSome(ClientCase):
    """Names."""

    def test_named(self):
        """The feature on it alone."""
        self.run_client("on", "sys-usb")
        self.assertEqual(self.features("sys-usb"), {"ephemeral-disposable": "1"})
        self.assertEqual(self.features("dom0"), {})

    def test_template(self):
        """Its disposables follow, so their kernels count."""
        self.qubesd.qubes["sys-usb"]["props"]["kernel"] = "old"
        self.assert_refused(self.run_client("on", "dvm"), "sys-usb: kernel old is not prepared")

    def test_disposable_with_its_own_word_does_not_follow(self):
        """It is off and stays off."""
        self.qubesd.qubes["sys-usb"]["props"]["kernel"] = "old"
        self.features("sys-usb")["ephemeral-disposable"] = ""
        run = self.run_client("on", "dvm")
        self.assertEqual(run.status, 0)
        self.assertEqual(self.features("sys-usb"), {"ephemeral-disposable": ""})
        self.assertIn("sys-usb: is off by itself: qvm-ephemeral on sys-usb", run.err)

    def test_other_qube(self):
        """Nothing for an AppVM."""
        run = self.run_client("on", "personal")
        self.assert_refused(run, "personal is neither a disposable nor a disposable template")

    def test_quiet(self):
        """Nothing but warnings."""
        self.assertEqual(self.run_client("on", "--quiet", "sys-usb").out, "")

    def test_usage(self):
        """Status 2, as for every qvm tool."""
        cases: list[list[str]] = [[], ["--all", "dvm"], ["nobody"], ["dvm", "--exclude", "dvm"]]
        for words in cases:
            self.assertEqual(self.run_client("on", *words).status, 2, words)
        self.assertEqual(self.run_client("on", "dvm", "--pool", "x", "--no-pool").status, 2)
        self.assertEqual(self.qubesd.writes, [])


class Refusals(ClientCase):
    """Before anything is changed."""

    def test_kernels(self):
        """Each is named with its qube, and one command for all."""
        self.qubesd.qubes["sys-usb"]["props"]["kernel"] = "old"
        self.assert_refused(
            self.run_client("on", "--all"),
            "nothing was changed",
            "sys-usb: kernel old is not prepared",
            "for all of these kernels: qvm-ephemeral prepare old\n",
        )

    def test_kernel_that_is_gone(self):
        """Cannot be prepared."""
        self.qubesd.qubes["dvm"]["props"]["kernel"] = "gone"
        run = self.run_client("on", "--all")
        self.assert_refused(run, "dvm: no kernel gone: qvm-prefs dvm kernel KERNEL")
        self.assertNotIn("prepare", run.err)

    def test_own_kernel(self):
        """dom0 cannot prepare it, the template's package can."""
        self.qubesd.qubes["dvm"]["props"]["kernel"] = ""
        run = self.run_client("on", "--all")
        self.assert_refused(run, "install xen-ephemeral-guest in debian")

    def test_own_kernel_with_the_step(self):
        """The template says so."""
        self.qubesd.qubes["dvm"]["props"]["kernel"] = ""
        self.features("debian")["supported-feature.ephemeral-disposable"] = "1"
        self.assertEqual(self.run_client("on", "--all").status, 0)

    def test_no_driver(self):
        """The other half is missing."""
        self.qubesd.drivers.remove("ephemeral")
        self.assert_refused(self.run_client("on", "--all"), "qubes-ephemeral-dom0")

    def test_pool_of_that_name_is_another(self):
        """Its volumes would not be encrypted by us."""
        self.qubesd.pools["ephemeral"] = {"driver": "file", "dir_path": "/x"}
        self.assert_refused(self.run_client("on", "--all"), "of the driver file", "--pool")

    def test_default_pool_of_an_unknown_kind(self):
        """Not guessed."""
        self.qubesd.pools["vm-pool"]["driver"] = "callback"
        self.assert_refused(self.run_client("on", "--all"), "qvm-pool add ephemeral ephemeral")

    def test_elsewhere_than_dom0(self):
        """A management qube sees neither kernels nor disks."""
        self.app.qubesd_connection_type = "qrexec"
        self.assert_refused(self.run_client("on", "--all"), "dom0 only")

    def test_qubesd_says_no(self):
        """Its message, and no traceback."""
        self.answer("admin_pool_add", lambda *_: error("QubesException", "no 100%% reason"))
        run = self.run_client("on", "--all")
        self.assert_refused(run, "qvm-ephemeral: error: no 100% reason\n")


class Undone(ClientCase):
    """qubesd refuses a part of it: all is as it was."""

    def setUp(self):
        super().setUp()
        self.set = self.qubesd.admin_vm_feature_set
        self.features("sys-usb")["ephemeral-disposable"] = ""
        self.features("dom0")["ephemeral-retire"] = "1"
        self.before = self.state()

    def state(self):
        """What there is."""
        return repr((self.qubesd.qubes, self.qubesd.pools, self.qubesd.default_pool))

    def refuse(self, name):
        """From now on the feature cannot be set on this qube."""

        def answer(dest, arg, payload):
            if dest == name and arg == "ephemeral-disposable" and payload:
                return error("QubesException", "its kernel is not prepared")
            return self.set(dest, arg, payload)

        self.answer("admin_vm_feature_set", answer)

    def assert_undone(self, *words):
        """Status 1, what qubesd says, and no trace."""
        run = self.run_client("on", *words)
        self.assertEqual(run.status, 1)
        self.assertIn("qvm-ephemeral: error: its kernel is not prepared", run.err)
        self.assertEqual(self.state(), self.before)
        self.assertNotEqual(self.qubesd.writes, [])
        return run

    def test_all(self):
        """Pool, default, features, the exception that was made."""
        self.refuse("dom0")
        self.assert_undone("--all", "--exclude", "dvm")

    def test_default_of_somebody(self):
        """It is that again."""
        self.qubesd.pools["mine"] = {"driver": "file", "dir_path": "/x"}
        self.qubesd.default_pool = "mine"
        self.before = self.state()
        self.refuse("dom0")
        self.assert_undone("--all")

    def test_the_second_of_two(self):
        """The first is off again, or as it was."""
        self.refuse("sys-usb")
        self.assert_undone("dvm", "sys-usb")

    def test_undo_that_fails(self):
        """The rest is undone, and what is left is said."""
        self.refuse("dom0")
        self.answer("admin_pool_remove", lambda *_: error("QubesException", "in use"))
        run = self.run_client("on", "--all")
        self.assertEqual(run.status, 1)
        self.assertIn("warning: cannot undo the change of pool ephemeral: in use", run.err)
        self.assertIn("error: its kernel is not prepared", run.err)
        self.assertEqual(self.qubesd.default_pool, None)


class Ending(ClientCase):
    """A disposable ends while it is looked at."""

    def test_at_any_moment(self):
        """Nothing comes of it."""
        for method in ("property.Get", "volume.Info", "feature.Get", "Kill", "CurrentState"):
            name = f"disp-{method.lower()}"
            self.qubesd.add(name, "DispVM", "dvm", state="Paused", is_preload=True)
            self.qubesd.ending.add((name, f"admin.vm.{method}"))
            run = self.run_client("on", "--all")
            self.assertEqual(run.status, 0, run.err)
            self.assertNotIn(name, self.qubesd.qubes)
            self.run_client("off", "--all")


if __name__ == "__main__":
    unittest.main()
