# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that is prepared, to all that is looked at here."""
import hashlib
import pathlib


def prepare(folder: pathlib.Path) -> None:
    """Writes what `xen-ephemeral-initramfs prepare` leaves last, as guest/initramfs/marker.c does."""
    digest = hashlib.sha256((folder / "initramfs").read_bytes()).hexdigest()
    text = f"version: 0\ninitramfs-sha256: {digest}\n"
    (folder / "xen-ephemeral-supported").write_text(text, encoding="ascii")
