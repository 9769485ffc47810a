# SPDX-License-Identifier: GPL-2.0-or-later
"""A stand-in for qubes-core-admin: see ../README.md."""
from .app import Qubes

__all__ = ["Qubes"]
