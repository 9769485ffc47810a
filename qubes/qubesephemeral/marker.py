# SPDX-License-Identifier: GPL-2.0-or-later
"""What `xen-ephemeral-initramfs prepare` leaves in a kernel's folder, and whether it speaks of what is there.

qubesd and qvm-ephemeral both ask. It imports nothing of theirs.
"""
import hashlib
import os

#: guest/initramfs/kernel.h
INITRAMFS = "initramfs"
MARKER = "xen-ephemeral-supported"

#: The line of the marker that has the prepared initramfs' digest (guest/initramfs/marker.c).
DIGEST = "initramfs-sha256: "

#: Digests by file: an initramfs is large, and is asked for at each start.
_known: dict[tuple[int, ...], str] = {}


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """A file that was written or replaced has another: nobody can set ctime."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        identity = _identity(os.fstat(file.fileno()))
        if identity not in _known:
            _known[identity] = hashlib.file_digest(file, "sha256").hexdigest()
        return _known[identity]


def _marked(path: str) -> str | None:
    """The digest that the marker has."""
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith(DIGEST):
                return line.removeprefix(DIGEST).strip()
    return None


def is_right(folder: str) -> bool:
    """Tells whether the kernel's initramfs is the one that was prepared. A kernel that is installed again
    has its own, and the marker of before.

    :raises PermissionError: where the initramfs may not be read
    """
    try:
        marked = _marked(os.path.join(folder, MARKER))
        return marked is not None and marked == _digest(os.path.join(folder, INITRAMFS))
    except PermissionError:
        raise
    except OSError:
        return False
