# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a disposable is fully ephemeral, and if not, what to do."""

from typing import NamedTuple

from . import kernel
from .disposable import NAMED, PRELOADED, Disposable

YES = "yes"
STOCK = "stock"
NO = "no"
OFF = "off"

# Of a volatile volume in a pool of Qubes' own.
UNPROVED = "AES-128, which verify cannot prove"
STOCK_WARNING = (
    "volatile volumes in pools of Qubes' own are encrypted by Qubes: " + UNPROVED
    + "; qvm-ephemeral status shows which"
)


class Verdict(NamedTuple):
    """One of the words above, why it is no yes, and the command or the step that makes it one."""

    word: str
    why: str = ""
    advice: str = ""

    @property
    def is_ephemeral(self) -> bool:
        """Whether it writes to nothing but its encrypted volatile volume, ours or Qubes' own."""
        return self.word in (YES, STOCK)


def of_kernel(it: Disposable) -> Verdict | None:
    """What keeps it from starting with read-only disks, if anything does."""
    if not it.kernel:
        if it.supported:
            return None
        return Verdict(
            NO,
            "boots its template's own kernel, which is not prepared",
            f"install xen-ephemeral-guest in {it.template}, or qvm-prefs {it.name} kernel KERNEL",
        )
    if not kernel.is_present(it.kernel):
        return Verdict(NO, f"no kernel {it.kernel}", f"qvm-prefs {it.name} kernel KERNEL")
    if not kernel.is_prepared(it.kernel):
        return Verdict(
            NO, f"kernel {it.kernel} is not prepared", f"qvm-ephemeral prepare {it.kernel}"
        )
    return None


def _restart(it: Disposable) -> str:
    if it.kind == PRELOADED:
        return f"qvm-kill {it.name}"
    if it.kind == NAMED:
        return f"qvm-shutdown --wait {it.name}; qvm-start {it.name}"
    return "close it and open a new one"


def _of_running(it: Disposable) -> Verdict | None:
    if not it.is_closed:
        return Verdict(NO, "was started before it was turned on", _restart(it))
    if it.ours_now:
        return Verdict(YES)
    if it.ours_next:
        pool = it.volumes["volatile"].pool
        return Verdict(STOCK, f"in pool {pool} until its next start: {UNPROVED}", _restart(it))
    return None


def judge(it: Disposable) -> Verdict:
    """Judges what qubesd says of it; what proves it is xen-ephemeral verify."""
    if not it.wanted:
        return Verdict(OFF, "not turned on", f"qvm-ephemeral on {it.name}")
    found = _of_running(it) if it.running else of_kernel(it)
    if found:
        return found
    if it.ours_next:
        return Verdict(YES)
    why = f"pool {it.next_pool} is Qubes' own: {UNPROVED}"
    return Verdict(STOCK, why, f"qvm-ephemeral on {it.name}")
