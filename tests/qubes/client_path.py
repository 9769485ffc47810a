# SPDX-License-Identifier: GPL-2.0-or-later
"""Imported first: the client, and Qubes' client library, from the checkout that QUBES_CLIENT_SRC
names or from the stand-in here."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
LIBRARY = os.environ.get("QUBES_CLIENT_SRC") or str(HERE / "standin-client")

sys.path[:0] = [str(TOP / "qubes"), LIBRARY]
