# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.events"""
import asyncio
import collections
import fnmatch
import itertools


def handler(*events):
    """Marks a class' own handler."""

    def decorator(func):
        func.ha_events = events
        func.ha_bound = True
        return func

    return decorator


class EmitterMeta(type):
    """Collects each class' own handlers."""

    def __init__(cls, name, bases, members):
        super().__init__(name, bases, members)
        cls.__handlers__ = collections.defaultdict(set)
        for member in members.values():
            for event in getattr(member, "ha_events", ()):
                cls.__handlers__[event].add(member)


class Emitter(metaclass=EmitterMeta):
    """What fires events."""

    def __init__(self):
        self.events_enabled = False

    def _fire(self, event, kwargs, pre_event):
        if not self.events_enabled:
            return []
        order = itertools.chain((self,), type(self).__mro__)
        pending = []
        for cls in order if pre_event else reversed(list(order)):
            found = [
                func
                for pattern, funcs in cls.__dict__.get("__handlers__", {}).items()
                for func in funcs
                if fnmatch.fnmatch(event, pattern)
            ]
            for func in sorted(found, key=lambda func: not hasattr(func, "ha_bound")):
                effect = func(self, event, **kwargs)
                if asyncio.iscoroutinefunction(func):
                    pending.append(effect)
        return pending

    def fire_event(self, event, pre_event=False, **kwargs):
        """Calls synchronous handlers."""
        if self._fire(event, kwargs, pre_event):
            raise RuntimeError(f"unexpected async-handler for sync event {event}")

    async def fire_event_async(self, event, pre_event=False, **kwargs):
        """Calls all handlers, asynchronous ones at once."""
        pending = self._fire(event, kwargs, pre_event)
        if pending:
            tasks, _ = await asyncio.wait(map(asyncio.create_task, pending))
            for task in tasks:
                task.result()
