# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.utils"""
import asyncio


def parse_bool(value):
    """As qubes.utils.parse_bool."""
    if isinstance(value, bool):
        return value
    if value in ("True", "1", "on"):
        return True
    if value in ("False", "0", "off", ""):
        return False
    raise ValueError(f"invalid bool: {value}")


async def coro_maybe(value):
    """As qubes.utils.coro_maybe."""
    return (await value) if asyncio.iscoroutine(value) else value


async def void_coros_maybe(values):
    """As qubes.utils.void_coros_maybe: all of them run to their end, then the first error is raised."""
    tasks = [asyncio.create_task(value) for value in values if asyncio.iscoroutine(value)]
    if tasks:
        done, _ = await asyncio.wait(tasks)
        for task in done:
            task.result()
