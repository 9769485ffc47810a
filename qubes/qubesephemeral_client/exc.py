# SPDX-License-Identifier: GPL-2.0-or-later
"""What main tells the user in one line, without a traceback."""


class Refused(Exception):
    """Nothing was changed; the message says why, and what to do."""
