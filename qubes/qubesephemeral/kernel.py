# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what a domain boots has the step that keeps its writes on xvdc."""
import asyncio
import os

from . import marker

#: What a template whose own initramfs has the step asks for.
SUPPORTED = "supported-feature.ephemeral-disposable"


async def prime(vm) -> None:
    """Has an initramfs read, which is large, while qubesd does other things: `missing` is quick then."""
    folder = vm.storage.kernels_dir
    if folder is not None:
        await asyncio.to_thread(marker.is_right, folder)


def missing(vm) -> str | None:
    """Returns what to do before the domain's initramfs has the step, or None."""
    folder = vm.storage.kernels_dir
    if folder is None:
        if vm.features.check_with_template(SUPPORTED, False):
            return None
        return (
            f"{vm.name} boots its template's own kernel: install xen-ephemeral-guest in the "
            f"template and start that once, or give {vm.name} a kernel of dom0's "
            f"(qvm-prefs {vm.name} kernel)"
        )
    if marker.is_right(folder):
        return None
    name = os.path.basename(folder)
    return f"the kernel {name} is not prepared: xen-ephemeral-initramfs prepare {name}"
