# SPDX-License-Identifier: GPL-2.0-or-later
"""make install-qubes and uninstall-qubes, and what Python finds then."""

import configparser
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from client_path import LIBRARY, TOP

FOLDER = "usr/share/xen-ephemeral/python"


class Install(unittest.TestCase):
    """Into a folder of the test's."""

    build: pathlib.Path
    root: pathlib.Path

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        cls.addClassCleanup(folder.cleanup)
        cls.build = pathlib.Path(folder.name) / "build"
        cls.root = pathlib.Path(folder.name) / "root"
        cls._make("install-qubes")

    @classmethod
    def _make(cls, target, root=None, **env):
        words = ["make", "-s", "-C", TOP, target, f"B={cls.build}"]
        words += [f"DESTDIR={cls.root if root is None else root}"]
        # Not the flags of a make around this.
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        guarded = "QUBES_XML" in env
        return subprocess.run(
            words, env=kept | env, capture_output=True, text=True, check=not guarded
        )

    def _python(self, code, *words):
        env = {"PYTHONPATH": f"{self.root / FOLDER}:{LIBRARY}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code, *words], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def test_no_folder_of_a_python_version(self):
        """An upgrade of dom0's Python leaves it where it is."""
        for path in self.root.rglob("*"):
            self.assertNotRegex(str(path.relative_to(self.root)), r"python[0-9]|-packages")

    def test_entry_points(self):
        """As qubesd looks for them."""
        code = (
            "import importlib.metadata as m\n"
            "for group in ('qubes.ext', 'qubes.storage'):\n"
            "    for point in m.entry_points(group=group):\n"
            "        print(group, point.name, point.value.split(':')[0])\n"
        )
        self.assertEqual(
            self._python(code).splitlines(),
            [
                "qubes.ext ephemeral qubesephemeral.entry",
                "qubes.ext ephemeral-retire qubesephemeral.entry",
                "qubes.storage ephemeral qubesephemeral.pool",
            ],
        )

    def test_what_they_name_is_there(self):
        """A name without a module would keep qubesd from starting."""
        parser = configparser.ConfigParser()
        (path,) = (self.root / FOLDER).glob("*.dist-info/entry_points.txt")
        parser.read(path)
        for group in parser.sections():
            for value in parser[group].values():
                module, name = value.split(":")
                file = self.root / FOLDER / (module.replace(".", "/") + ".py")
                self.assertRegex(file.read_text(encoding="utf-8"), rf"(?m)^(class )?{name}\b")

    def test_installed_again(self):
        """One entry point of a name, or qubesd does not start."""
        (self.root / FOLDER / "xen_ephemeral_qubes-0.0.9.dist-info").mkdir()
        self._make("install-qubes")
        self.assertEqual(len(list((self.root / FOLDER).glob("*.dist-info"))), 1)

    def test_unit(self):
        """qubesd is told of the folder that the files are in."""
        path = self.root / "usr/lib/systemd/system/qubesd.service.d/50-xen-ephemeral.conf"
        lines = path.read_text(encoding="utf-8").splitlines()
        self.assertEqual(lines[-2:], ["[Service]", f"Environment=PYTHONPATH=/{FOLDER}"])

    def test_command(self):
        """Runs by itself, and knows its version."""
        script = (self.root / "usr/bin/qvm-ephemeral").read_text(encoding="utf-8")
        self.assertIn(f'sys.path.insert(0, "/{FOLDER}")', script)
        version = (TOP / "version").read_text(encoding="ascii").strip()
        code = script.replace(f'"/{FOLDER}"', f'"{self.root / FOLDER}"')
        self.assertEqual(self._python(code, "--version"), f"qvm-ephemeral {version}")

    def test_uninstall(self):
        """Leaves no file."""
        with tempfile.TemporaryDirectory() as root:
            self._make("install-qubes", root)
            self._make("uninstall-qubes", root)
            left = [path for path in pathlib.Path(root).rglob("*") if not path.is_dir()]
            self.assertEqual(left, [])

    def test_uninstall_from_this_machine_is_guarded(self):
        """Where qubes.xml names the driver nothing is removed."""
        xml = self.build / "qubes.xml"
        xml.write_text('<qubes><pools><pool driver="ephemeral" name="x"/></pools></qubes>')
        done = self._make("uninstall-qubes", "", QUBES_XML=str(xml), PREFIX=str(self.root / "usr"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("qubes-ephemeral-dom0: cannot be removed yet.", done.stderr)
        self.assertTrue((self.root / "usr/bin/qvm-ephemeral").is_file())


if __name__ == "__main__":
    unittest.main()
