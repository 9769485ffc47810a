# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral off."""

import unittest

from client_case import ClientCase
from client_qubesd import error

FEATURE = "ephemeral-disposable"
RETIRE = "ephemeral-retire"
EARLIER = "ephemeral-earlier-pool"


class OffAll(ClientCase):
    """--all: as it was before on --all."""

    def setUp(self):
        super().setUp()
        self.run_client("on", "--all")
        self.qubesd.writes.clear()

    def test_undoes_on(self):
        """The feature first: no disposable is to start by a pool that is on its way out."""
        run = self.run_client("off", "--all")
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertEqual(
            self.qubesd.writes,
            [
                ("dom0", "vm.feature.Remove", FEATURE, None),
                ("dom0", "property.Reset", "default_pool_volatile", None),
                ("dom0", "pool.Remove", "ephemeral", None),
            ],
        )
        self.assertIn("default_pool_volatile is vm-pool\n", run.out)

    def test_takes_it_from_every_qube(self):
        """From templates too."""
        for name in ("debian", "dvm", "disp1"):
            self.features(name)[FEATURE] = "1"
        self.features("sys-usb")[FEATURE] = ""
        self.run_client("off", "--all")
        self.assertEqual([q["features"] for q in self.qubesd.qubes.values()], [{}] * 6)

    def test_volumes_of_halted_qubes(self):
        """The extension takes them out first."""
        self.qubesd.close("sys-usb", "ephemeral")
        run = self.run_client("off", "--all")
        self.assertEqual(run.err, "")
        self.assertEqual(
            self.qubesd.writes[-3:],
            [
                ("dom0", "vm.feature.Set", RETIRE, b"1"),
                ("dom0", "pool.Remove", "ephemeral", None),
                ("dom0", "vm.feature.Remove", RETIRE, None),
            ],
        )

    def test_volumes_of_running_qubes(self):
        """The pool stays, with the names; when they have ended, the same command again."""
        self.qubesd.close("disp1", "ephemeral")
        run = self.run_client("off", "--all")
        self.assertIn("ephemeral", self.qubesd.pools)
        self.assertEqual(self.qubesd.default_pool, None)
        self.assertEqual(self.features("dom0"), {RETIRE: "1"})
        self.assertIn("pool ephemeral stays, since it has volumes of disp1: shut", run.err)
        del self.qubesd.qubes["disp1"]
        self.assertEqual(self.run_client("off", "--all").err, "")
        self.assertNotIn("ephemeral", self.qubesd.pools)
        self.assertEqual(self.features("dom0"), {})

    def test_volume_of_a_halted_qube_that_is_open(self):
        """The extension leaves it where it is. To shut the qube down would do nothing."""
        self.qubesd.close("sys-usb", "ephemeral")
        self.qubesd.close("disp1", "ephemeral")
        stay = self.qubesd.admin_vm_feature_set

        def refuse(dest, arg, payload):
            self.qubesd.qubes["sys-usb"]["state"] = "Running"
            reply = stay(dest, arg, payload)
            self.qubesd.qubes["sys-usb"]["state"] = "Halted"
            return reply

        self.answer("admin_vm_feature_set", refuse)
        run = self.run_client("off", "--all")
        self.assertIn("ephemeral", self.qubesd.pools)
        self.assertIn("it has volumes of disp1: shut", run.err)
        self.assertIn(
            "sudo xen-ephemeral close sys-usb-volatile, then qvm-ephemeral off --all", run.err
        )

    def test_remote_qube(self):
        """It has no volumes to be asked for."""
        self.qubesd.add("away", "RemoteVM", None)
        self.assertEqual(self.run_client("off", "--all").err, "")
        self.assertNotIn("ephemeral", self.qubesd.pools)

    def test_on_again(self):
        """Nothing is to leave the pool any more."""
        self.features("dom0")[RETIRE] = "1"
        self.run_client("on", "--all")
        self.assertEqual(self.features("dom0"), {FEATURE: "1"})

    def test_qubesd_keeps_the_pool(self):
        """It knows a reason that this does not."""
        self.answer("admin_pool_remove", lambda *_: error("QubesException", "store of another"))
        run = self.run_client("off", "--all")
        self.assertEqual(run.status, 0)
        self.assertIn("pool ephemeral stays: store of another", run.err)

    def test_exclude(self):
        """Stays on, by its own feature and without a gap, and so does the pool."""
        self.run_client("off", "--all", "--exclude", "sys-usb")
        self.assertEqual(
            self.qubesd.writes,
            [
                ("sys-usb", "vm.feature.Set", FEATURE, b"1"),
                ("dom0", "vm.feature.Remove", FEATURE, None),
            ],
        )
        self.assertEqual(self.features("sys-usb"), {FEATURE: "1"})
        self.assertEqual(self.features("dom0"), {})
        self.assertEqual(self.qubesd.default_pool, "ephemeral")

    def test_foreign_default_stays(self):
        """It was not ours to reset, and what was before is forgotten."""
        self.features("dom0")[EARLIER] = "another"
        self.qubesd.default_pool = "vm-pool"
        self.assertEqual(self.run_client("off", "--all").err, "")
        self.assertEqual(self.qubesd.default_pool, "vm-pool")
        self.assertEqual(self.features("dom0"), {})

    def test_disposable_that_ends(self):
        """At any moment of it."""
        for method in ("feature.Get", "feature.Remove", "volume.List", "volume.Info"):
            self.qubesd.add("disp2", "DispVM", "dvm", state="Running", auto_cleanup=True)
            self.features("disp2")[FEATURE] = "1"
            self.qubesd.close("disp2", "ephemeral")
            self.qubesd.ending = {("disp2", f"admin.vm.{method}")}
            run = self.run_client("off", "--all")
            self.assertEqual((run.status, run.err), (0, ""), method)
            self.assertNotIn("ephemeral", self.qubesd.pools)
            self.qubesd.ending = set()
            self.run_client("on", "--all")


class Earlier(ClientCase):
    """Somebody had set default_pool_volatile before."""

    def setUp(self):
        super().setUp()
        self.qubesd.pools["mine"] = {"driver": "file", "dir_path": "/x"}
        self.qubesd.default_pool = "mine"
        self.run_client("on", "--all")
        self.assertEqual(self.qubesd.default_pool, "ephemeral")

    def test_given_back(self):
        """And nothing is kept of it."""
        run = self.run_client("off", "--all")
        self.assertIn("default_pool_volatile is mine\n", run.out)
        self.assertEqual((self.qubesd.default_pool, self.features("dom0")), ("mine", {}))

    def test_on_again(self):
        """With another pool of ours: what was before is still that."""
        self.run_client("on", "--all")
        self.run_client("on", "--all", "--pool", "second")
        self.run_client("off", "--all")
        self.assertEqual((self.qubesd.default_pool, self.features("dom0")), ("mine", {}))

    def test_gone(self):
        """Qubes chooses then, and it is said."""
        del self.qubesd.pools["mine"]
        run = self.run_client("off", "--all")
        self.assertIn("pool mine, which default_pool_volatile was before, is not there", run.err)
        self.assertEqual((self.qubesd.default_pool, self.features("dom0")), (None, {}))

    def test_nothing_set_since(self):
        """The next `on` finds Qubes' own choice: the old one is not given back."""
        self.qubesd.default_pool = None
        self.run_client("on", "--all")
        self.run_client("off", "--all")
        self.assertEqual((self.qubesd.default_pool, self.features("dom0")), (None, {}))


class OffSome(ClientCase):
    """Names."""

    def test_own_feature_is_removed(self):
        """Nothing above says otherwise."""
        self.features("sys-usb")[FEATURE] = "1"
        self.run_client("off", "sys-usb")
        self.assertEqual(self.features("sys-usb"), {})

    def test_inherited_is_overruled(self):
        """An empty value is off, in spite of dom0's."""
        self.features("dom0")[FEATURE] = "1"
        self.run_client("off", "sys-usb")
        self.assertEqual(self.features("sys-usb"), {FEATURE: ""})

    def test_disposable_with_its_own_word(self):
        """Made while its template was on: Qubes gave it a copy of the feature."""
        self.features("dvm")[FEATURE] = self.features("sys-usb")[FEATURE] = "1"
        run = self.run_client("off", "dvm")
        self.assertEqual(self.features("sys-usb"), {FEATURE: "1"})
        self.assertIn("sys-usb: is on by itself: qvm-ephemeral off sys-usb", run.err)
        self.assertEqual(self.run_client("off", "dvm", "sys-usb").err, "")

    def test_other_qube(self):
        """Nothing to turn off."""
        self.assert_refused(self.run_client("off", "personal"), "personal is neither")


if __name__ == "__main__":
    unittest.main()
