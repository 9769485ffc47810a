# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of dom0 that need root."""

import os
import subprocess

from .exc import Refused


def run_as_root(*words: str) -> int:
    """Runs it, through sudo unless this is root, its output where ours goes. Returns its status."""
    command = list(words) if os.geteuid() == 0 else ["sudo", "--", *words]
    try:
        # What it finds may take long: a domain's whole verification, a kernel's whole image.
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    except FileNotFoundError as error:
        raise Refused(f"cannot run {command[0]}: it is not installed") from error
