# SPDX-License-Identifier: GPL-2.0-or-later
"""The exceptions, and how an answer of qubesd becomes one."""


class QubesException(Exception):
    """Can be shown to the user."""

    def __init__(self, message_format, *args):
        super().__init__(message_format % tuple(int(a) if a.isdigit() else a for a in args))


class QubesVMNotFoundError(QubesException, KeyError):
    """There is no such qube."""

    def __str__(self):
        return QubesException.__str__(self)


class QubesDaemonAccessError(QubesException):
    """Refused by policy, or no answer."""


class QubesPropertyAccessError(QubesDaemonAccessError, AttributeError):
    """A property may not be read."""


class QubesNoSuchPropertyError(QubesException, AttributeError):
    """The class has no such property."""


class QubesFeatureNotFoundError(QubesException, KeyError):
    """Not set."""

    def __str__(self):
        return QubesException.__str__(self)


class QubesPoolInUseError(QubesException):
    """A volume or a default is in it."""


def parse_response(data):
    """Returns what qubesd answered, or raises what it says."""
    if data[:2] == b"0\x00":
        return data[2:]
    _, kind, _, text, arguments = data.split(b"\x00", 4)
    words = [word.decode() for word in arguments.split(b"\x00")[:-1]]
    raise globals().get(kind.decode(), QubesException)(text.decode(), *words)
