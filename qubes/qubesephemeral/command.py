# SPDX-License-Identifier: GPL-2.0-or-later
"""The operator's command xen-ephemeral, run from qubesd's event loop with a deadline."""
import asyncio
import json
import os
from asyncio import subprocess

import qubes.exc

PROGRAM = "/usr/sbin/xen-ephemeral"

#: How long the command may take, in seconds. It gives up by itself before that, unless storage hangs.
DEADLINE = 60.0

#: How long the command may take to end after it was killed, in seconds.
KILL_DEADLINE = 5.0


class CommandError(qubes.exc.StoragePoolException):
    """xen-ephemeral failed, could not be run, or took too long."""


def is_installed() -> bool:
    """Tells whether the command is there and may be run."""
    return os.access(PROGRAM, os.X_OK)


# pylint does not see what asyncio.subprocess has.
# pylint: disable=no-member
async def _end(process: subprocess.Process) -> None:
    """Kills the process. One that waits for hung storage is left to the kernel."""
    try:
        process.kill()
        await asyncio.wait_for(process.wait(), KILL_DEADLINE)
    except (ProcessLookupError, asyncio.TimeoutError):
        pass


async def _start(arguments: tuple[str, ...]) -> subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            PROGRAM,
            *arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
    except OSError as error:
        raise CommandError(f"cannot run {PROGRAM}: {error.strerror}") from error


async def _run(arguments: tuple[str, ...]) -> tuple[int, str, str]:
    """Returns the exit status, what was printed, and what was complained of."""
    process = await _start(arguments)
    try:
        out, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    except asyncio.TimeoutError:
        await _end(process)
        raise CommandError(
            f"xen-ephemeral {arguments[0]} has not ended after {DEADLINE:.0f} s: killed"
        ) from None
    except BaseException:
        await _end(process)
        raise
    assert process.returncode is not None
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


async def run(*arguments: str) -> str:
    """Runs the command and returns what it printed.

    :raises CommandError: with the command's own line, which names the action, the thing and the reason
    """
    status, out, err = await _run(arguments)
    if status != 0:
        lines = err.strip().splitlines() or [f"status {status}"]
        raise CommandError(f"xen-ephemeral {arguments[0]} failed: {lines[-1]}")
    return out


def _read_volumes(text: str) -> list[dict]:
    return [
        {key: volume.get(key) for key in ("volume", "store", "open", "armed")}
        for volume in json.loads(text)["volumes"]
    ]


async def volumes() -> list[dict]:
    """Returns the volumes that were opened by name: for each its name in `volume`, its `store`, how often it
    is `open`, and whether it is `armed`.

    :raises CommandError: if that is not known
    """
    status, out, err = await _run(("status", "--json"))
    # 3: something is left over, which sweep removes.
    if status not in (0, 3):
        lines = err.strip().splitlines() or [f"status {status}"]
        raise CommandError(f"xen-ephemeral status failed: {lines[-1]}")
    return _read_volumes(out)


def _read_proof(text: str, domid: int) -> tuple[bool, list[str]]:
    """Whether the promise holds for the domain, and which claims are broken. What was found is left
    out: it may have names in it."""
    (domain,) = json.loads(text)
    broken = [
        f"{check['subject']}: {check['claim']}"
        for check in domain["checks"]
        if check["result"] == "BROKEN"
    ]
    return domain["holds"] is True and domain["domid"] == domid and not broken, broken


async def verify(domid: int) -> None:
    """Returns if the promise holds for the domain.

    :raises CommandError: with the claims that do not hold, or why that is not known
    """
    status, out, err = await _run(("verify", "--json", str(domid)))
    try:
        holds, broken = _read_proof(out, domid)
    except (ValueError, KeyError, TypeError):
        lines = err.strip().splitlines() or ["it printed no proof"]
        raise CommandError(f"xen-ephemeral verify failed: {lines[-1]}") from None
    if status != 0 or not holds:
        raise CommandError("the promise is broken: " + ("; ".join(broken) or f"status {status}"))
