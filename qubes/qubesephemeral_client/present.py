# SPDX-License-Identifier: GPL-2.0-or-later
"""Disposables end at any moment, also while this looks at them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import qubesadmin.exc

T = TypeVar("T")


def each(function: Callable[[Any], T], vms: Iterable[Any]) -> Iterator[T]:
    """What the function returns for each qube. One that has ended meanwhile is left out."""
    for vm in vms:
        try:
            result = function(vm)
        except qubesadmin.exc.QubesException:
            vm.app.domains.clear_cache()
            if vm.name in vm.app.domains:
                raise
            continue
        yield result


def call(function: Callable[[Any], None], vm: Any) -> None:
    """The same for one."""
    list(each(function, [vm]))


def those(test: Callable[[Any], object], vms: Iterable[Any]) -> list[Any]:
    """The qubes for which the test holds."""
    return [vm for vm, holds in each(lambda vm: (vm, test(vm)), vms) if holds]


def all_of(app: Any) -> list[Any]:
    """The qubes that there are at this moment."""
    return list(app.domains)
