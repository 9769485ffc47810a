# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs Qubes' own tests, once as they are and once with the driver and the extensions installed beside
them. What fails with ours and not without is ours.

One of them names all drivers that may be there (TC_00_Pool.test_001_all_pool_drivers): there is one more.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from metadata import OURS, QUBES, install

MODULES = ("qubes.tests.storage", "qubes.tests.vm.dispvm", "qubes.tests.ext")
EXPECTED = {"qubes.tests.storage/TC_00_Pool/test_001_all_pool_drivers"}


def failures(folder: pathlib.Path, *parts) -> set[str]:
    """The tests that fail with these parts installed."""
    install(folder, *parts)
    environment = {**os.environ, "QUBES_TEST": "1"}
    environment["PYTHONPATH"] = f"{folder}:{environment['PYTHONPATH']}"
    result = subprocess.run(
        [sys.executable, "-m", "unittest", *MODULES],
        cwd=os.environ["QUBES_SRC"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=1200,
    )
    lines = result.stderr.splitlines()
    ran = [line for line in lines if line.startswith("Ran ")]
    if not ran or ran[0].startswith("Ran 0 "):
        sys.exit(f"Qubes' own tests do not run:\n{result.stderr[-2000:]}")
    print(", ".join(parts), "-", ran[0], "-", lines[-1])
    return {line.split()[1] for line in lines if line.startswith(("ERROR: ", "FAIL: "))}


def main() -> None:
    """Fails with the tests that are ours to mend."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        before = failures(pathlib.Path(first), QUBES)
        after = failures(pathlib.Path(second), QUBES, OURS)
    ours = after - before - EXPECTED
    if ours:
        sys.exit("these fail with ours alone: " + " ".join(sorted(ours)))


if __name__ == "__main__":
    main()
