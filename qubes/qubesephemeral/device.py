# SPDX-License-Identifier: GPL-2.0-or-later
"""The device of a named volume of xen-ephemeral (backend/mapping-name.c)."""
import os

MAPPER = "/dev/mapper"
BLOCK = "/sys/class/block"


def path(vid: str) -> str:
    """Where udev puts it."""
    return os.path.join(MAPPER, f"xeneph-vol-{vid}@crypt")


def is_open(link: str) -> bool:
    """Whether the device of this path is there. A link that udev has not removed yet leads to no device,
    or to another one that has its number."""
    node = os.path.basename(os.path.realpath(link))
    try:
        with open(os.path.join(BLOCK, node, "dm", "name"), encoding="ascii") as file:
            return file.read().rstrip("\n") == os.path.basename(link)
    except OSError:
        return False


def bytes_written(link: str) -> int:
    """What was written to it since it was made, or 0 where there is none. Field 7 of its stat file counts
    sectors of 512 bytes (Documentation/block/stat.rst)."""
    try:
        number = os.stat(link).st_rdev
        name = f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/stat"
        with open(name, encoding="ascii") as file:
            return int(file.read().split()[6]) * 512
    except (OSError, IndexError, ValueError):
        return 0
