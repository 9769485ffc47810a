# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tool prints."""

import contextlib
import io

def StdoutBuffer():  # pylint: disable=invalid-name
    """Takes what goes to stdout."""
    return contextlib.redirect_stdout(io.StringIO())


def StderrBuffer():  # pylint: disable=invalid-name
    """Takes what goes to stderr."""
    return contextlib.redirect_stderr(io.StringIO())
