# SPDX-License-Identifier: GPL-2.0-or-later
"""What takes changes back when one of them fails."""

from collections.abc import Callable
from types import TracebackType
from typing import Any

import qubesadmin.exc

from . import say


class Undo:
    """`with Undo() as undo`: where the block fails, what was added is called, the last one first."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[..., None], tuple[Any, ...]]] = []

    def add(self, text: str, function: Callable[..., None], *args: Any) -> None:
        """Called after a change was made; text names the thing that was changed."""
        self._steps.append((text, function, args))

    def __enter__(self) -> "Undo":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        for text, function, args in reversed(self._steps):
            try:
                function(*args)
            except qubesadmin.exc.QubesException as failure:
                say.warning(f"cannot undo the change of {text}: {failure}")
