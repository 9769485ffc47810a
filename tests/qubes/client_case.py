# SPDX-License-Identifier: GPL-2.0-or-later
"""A system with disposables, and qvm-ephemeral run on it."""

import pathlib
import tempfile
import typing
from unittest import mock

import client_path  # noqa: F401  pylint: disable=unused-import
import prepared
import qubesadmin.tests
import qubesadmin.tests.tools
from client_qubesd import Qubesd
from qubesephemeral_client import command, main, names


class Run:  # pylint: disable=too-few-public-methods
    """What came of one run."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err


class ClientCase(qubesadmin.tests.QubesTestCase):
    """dvm is a disposable template of debian, sys-usb a named disposable of dvm, disp1 an unnamed
    one that runs; personal is none of them. The kernel new is prepared, old is not."""

    def setUp(self):
        super().setUp()
        self.qubesd = Qubesd()
        self.app.expected_calls = self.qubesd
        self.qubesd.add("debian", "TemplateVM", None)
        self.qubesd.add("personal", "AppVM", "debian", template_for_dispvms=False)
        self.qubesd.add("dvm", "AppVM", "debian", template_for_dispvms=True)
        self.qubesd.add("sys-usb", "DispVM", "dvm", auto_cleanup=False)
        self.qubesd.add("disp1", "DispVM", "dvm", state="Running", auto_cleanup=True)
        self.commands = []
        self.failing = set()
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.kernels = pathlib.Path(folder.name)
        for kernel in ("new", "old"):
            (self.kernels / kernel).mkdir()
            (self.kernels / kernel / "initramfs").touch()
        prepared.prepare(self.kernels / "new")
        patches: list[typing.Any] = [
            mock.patch.object(names, "KERNELS", self.kernels),
            mock.patch.object(command, "subprocess", mock.Mock(run=self.ran)),
        ]
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)

    def ran(self, words, **_):
        """In the place of subprocess.run."""
        if words[0] in self.failing:
            raise FileNotFoundError(words[0])
        self.commands.append(" ".join(words))
        return mock.Mock(returncode=1 if words[-1] in self.failing else 0)

    def own_pool(self, **options):
        """There is a pool of ours, and it is the default."""
        self.qubesd.pools["ephemeral"] = {"driver": "ephemeral"} | options
        self.qubesd.default_pool = "ephemeral"

    def answer(self, method, function):
        """From now on qubesd answers a call so."""
        setattr(self.qubesd, method, function)

    def features(self, name):
        """What is set on the qube itself."""
        return self.qubesd.qubes[name]["features"]

    def run_client(self, *words):
        """qvm-ephemeral WORDS, with a library that knows nothing yet."""
        for known in (self.app.pools, self.app.domains):
            known.clear_cache()
            # The library fails over a pool that it has asked for and that is gone (base.py, refresh_cache).
            getattr(known, "_objects", {}).clear()
        with qubesadmin.tests.tools.StdoutBuffer() as out:
            with qubesadmin.tests.tools.StderrBuffer() as err:
                status: typing.Any
                try:
                    status = main.main(list(words), app=self.app)
                except SystemExit as stop:
                    status = stop.code
        return Run(status, out.getvalue(), err.getvalue())

    def assert_refused(self, run, *parts):
        """Status 1, what is in parts on stderr, and nothing changed."""
        self.assertEqual((run.status, self.qubesd.writes), (1, []), run.err)
        for part in parts:
            self.assertIn(part, run.err)
        self.assertNotIn("Traceback", run.err)
