# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs the Python of dom0: what qubesd loads, and the command for its user."""
import pathlib

import setuptools

HERE = pathlib.Path(__file__).resolve().parent

setuptools.setup(
    name="xen-ephemeral-qubes",
    version=(HERE.parent / "version").read_text(encoding="ascii").strip(),
    description="Fully ephemeral disposables for Qubes OS",
    license="GPL-2.0-or-later",
    python_requires=">=3.11",
    packages=setuptools.find_packages(where=str(HERE), include=["qubesephemeral*"]),
    # In a file, so that the tests read the very same lines.
    entry_points=(HERE / "entry_points.txt").read_text(encoding="ascii"),
)
