# SPDX-License-Identifier: GPL-2.0-or-later
"""A start that fails, and a named disposable that must outlive it."""
import os
import sys

import qubes.exc

from . import wanted


class NotReady(qubes.exc.QubesException):
    """A disposable is to be fully ephemeral and something for that is missing."""

    def __init__(self, vm, reasons: list[str]) -> None:
        super().__init__(f"{vm.name} cannot be fully ephemeral: " + "; ".join(reasons))


def failed_start(vm) -> BaseException | None:
    """Returns the exception that the domain's start() is handling at this moment, or None.

    DispVM.start of qubes-core-admin 4.3.50 deletes the disposable in its handler, named ones too
    (qubes-issues 11042). The exception tells by its traceback whose handler is under way: nothing
    has to be remembered, so nothing can be left that would keep a disposable from being removed.
    """
    error = sys.exc_info()[1]
    entry = error.__traceback__ if error is not None else None
    while entry is not None:
        frame = entry.tb_frame
        if frame.f_code.co_name == "start" and frame.f_locals.get("self") is vm:
            return error
        entry = entry.tb_next
    return None


def check_deletion(vm) -> None:
    """Called before a domain is deleted.

    :raises BaseException: the one that its start has failed with, where a named disposable that is
        ours would be deleted for that
    """
    if not wanted.is_disposable(vm) or getattr(vm, "auto_cleanup", False):
        return
    error = failed_start(vm)
    if error is not None and wanted.concerns(vm):
        raise error


def place(error: BaseException) -> str:
    """What a log may have of an error that was not expected. Its words and its traceback may have a
    disposable's name in them."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    if entry is None:
        return type(error).__name__
    name = os.path.basename(entry.tb_frame.f_code.co_filename)
    return f"{type(error).__name__} in {name}, line {entry.tb_lineno}"


def nameless(vm, error: BaseException) -> str:
    """An error's own words, without the domain's name: a log tells a domain by its number."""
    return str(error).replace(vm.name, "(name)")
