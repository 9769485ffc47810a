# SPDX-License-Identifier: GPL-2.0-or-later
"""The version of what is installed."""

import importlib.metadata

DISTRIBUTION = "xen-ephemeral-qubes"


def version() -> str:
    """From the metadata that is installed beside this."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
