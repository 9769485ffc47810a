# SPDX-License-Identifier: GPL-2.0-or-later
"""qubesd imports what the entry points name, and starts whatever of the rest cannot be imported."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE.parents[1] / "qubes" / "qubesephemeral"

DOORS = "import sys, qubesephemeral.pool; print(*sorted(name for name in sys.modules if 'qubeseph' in name))"


class TestBroken(unittest.TestCase):
    """A copy of ours, a module of which raises an error."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copytree(OURS, self.folder / "qubesephemeral")

    def run_python(self, *words, **env):
        """With the copy before ours."""
        path = f"{self.folder}:{os.environ['PYTHONPATH']}"
        return subprocess.run(
            [sys.executable, *words],
            cwd=HERE,
            env={**os.environ, **env, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def broken(self, module):
        """All of broken_start holds."""
        path = self.folder / "qubesephemeral" / f"{module}.py"
        path.write_text("raise ImportError('no such thing')\n", encoding="ascii")
        done = self.run_python("-m", "unittest", "broken_start", BROKEN=module)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"(?m)^Ran 6 tests")

    def test_extension(self):
        """The extension itself."""
        self.broken("extension")

    def test_policy(self):
        """What only the extension needs."""
        self.broken("policy")

    def test_volume(self):
        """What the driver needs too."""
        self.broken("volume")

    def test_store(self):
        """What the driver's volumes need."""
        self.broken("store")

    def test_command(self):
        """What all need."""
        self.broken("command")

    def idle(self, module, name):
        """The extension that does the work does it without this one."""
        path = self.folder / "qubesephemeral" / f"{module}.py"
        path.write_text("raise ImportError('no such thing')\n", encoding="ascii")
        code = (
            "from qubesephemeral import entry, refusing, extension\n"
            f"assert entry.{name} is refusing.IdleExtension\n"
            "assert entry.EphemeralExtension is extension.EphemeralExtension\n"
        )
        done = self.run_python("-c", code)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_retire(self):
        """Which empties pools."""
        self.idle("retire", "RetireExtension")

    def test_leftovers(self):
        """Which sees to what was left open."""
        self.idle("leftovers", "LeftoversExtension")

    def test_the_driver_alone(self):
        """Its door needs none of what does the work."""
        done = self.run_python("-c", DOORS)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [name.partition(".")[2] for name in done.stdout.split()]
        self.assertEqual(names, ["", "device", "pool", "refusal", "volatile", "wanted"])


if __name__ == "__main__":
    unittest.main()
