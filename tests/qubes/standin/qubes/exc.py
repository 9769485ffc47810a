# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.exc"""


class QubesException(Exception):
    """What a user is shown."""


class StoragePoolException(QubesException):
    """Storage has failed."""


class QubesValueError(QubesException, ValueError):
    """A value that does not fit."""


class QubesPoolInUseError(QubesException):
    """A pool that cannot be removed."""

    def __init__(self, pool_name, msg=None):
        super().__init__(msg or f"Storage pool is in use: {pool_name!r}")


class QubesVMNotStartedError(QubesException):
    """The domain does not run."""


class QubesNotImplementedError(QubesException, NotImplementedError):
    """A feature that is not there."""
