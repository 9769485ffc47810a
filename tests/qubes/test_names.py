# SPDX-License-Identifier: GPL-2.0-or-later
"""No name of a disposable comes to the log by us, in words or in a traceback."""
from unittest import mock

from case import LoggedCase
from qubesephemeral import policy, retire, volume

NAME = "secret-name"


class TestNames(LoggedCase):
    """Each thing that is logged, with the name in the error's own words."""

    def logged(self, call, *words):
        """Calls, and looks at what was logged."""
        with self.assertLogs("qubes.ext.ephemeral") as logs:
            call()
        text = "".join(logs.output)
        for word in words:
            self.assertIn(word, text)
        self.assertNotIn(NAME, text)
        self.assertEqual([record.exc_info for record in logs.records], [None] * len(logs.records))

    def test_not_prepared(self):
        with mock.patch.object(policy, "missing", side_effect=KeyError(NAME)):
            self.logged(
                lambda: self.machine.add_disposable(NAME),
                "cannot choose the pool",
                "cannot prepare a disposable",
                "KeyError in mock.py, line ",
            )

    def test_not_armed(self):
        vm = self.machine.add_disposable(NAME)
        self.command.put("fail-arm", f"cannot arm the volume {NAME}-volatile: nothing has it")
        with mock.patch.object(volume, "ARM_SECONDS", 0.1):
            self.logged(lambda: self.machine.start(vm), "nothing has it")
        self.machine.stop(vm)

    def test_not_proved(self):
        vm = self.machine.add_disposable(NAME)
        self.command.put("fail-verify", f"cannot read the disks of {NAME}")
        self.logged(lambda: self.refused(vm, NAME), "cannot read the disks of (name)")

    def test_not_stopped(self):
        vm = self.machine.add_disposable(NAME)
        self.command.put("fail-close", f"cannot close the volume {NAME}-volatile: it is in use")
        try:
            self.logged(lambda: self.refused(vm), "cannot stop a volume", "it is in use")
        finally:
            self.command.drop("fail-close")

    def test_not_given_back(self):
        with mock.patch.object(retire, "give_back", side_effect=OSError(NAME)):
            retire.RetireExtension()
            self.logged(
                lambda: self.machine.dom0.features.update({"ephemeral-retire": "1"}),
                "cannot give a volatile volume back",
            )
