# SPDX-License-Identifier: GPL-2.0-or-later
"""A shell script, run with an environment of the test's alone."""
import pathlib
import subprocess
import tempfile
import unittest


class ScriptCase(unittest.TestCase):
    """`folder` is the test's."""

    #: The script.
    script: pathlib.Path

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_script(self, *words, **env):
        """Returns status, what was printed and what was complained of."""
        done = subprocess.run(
            ["/bin/sh", self.script, *words],
            env={"PATH": "/usr/bin:/bin", **{name: str(value) for name, value in env.items()}},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr
