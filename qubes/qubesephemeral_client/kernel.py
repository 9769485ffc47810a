# SPDX-License-Identifier: GPL-2.0-or-later
"""dom0's kernels for qubes: which are there, and which of them have the step."""

from collections.abc import Iterable

from qubesephemeral import marker

from . import names


def is_present(kernel: str) -> bool:
    """Whether dom0 has a kernel of that name, which is no path and no option."""
    is_name = kernel and "/" not in kernel and not kernel.startswith((".", "-"))
    return bool(is_name) and (names.KERNELS / kernel).is_dir()


def is_prepared(kernel: str) -> bool:
    """Whether xen-ephemeral-initramfs has prepared the initramfs that it has now."""
    folder = names.KERNELS / kernel
    try:
        return marker.is_right(str(folder))
    except PermissionError:
        # Root's alone. qubesd is root, and looks at each start.
        return (folder / marker.MARKER).is_file()


def unprepared(kernels: Iterable[str]) -> list[str]:
    """Those that are there and lack the step, each once. '' is a qube's own kernel."""
    return sorted(
        {name for name in kernels if is_present(name) and not is_prepared(name)}
    )
