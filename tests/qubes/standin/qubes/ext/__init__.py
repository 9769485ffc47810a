# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.ext"""
import qubes.app
import qubes.vm


def handler(*events, **kwargs):
    """Marks an extension's handler."""

    def decorator(func):
        func.ha_events = events
        func.ha_vm = None if kwargs.get("system") else kwargs.get("vm", qubes.vm.LocalVM)
        return func

    return decorator


class Extension:
    """Registers its handlers when it is first made."""

    def __new__(cls):
        if "_instance" not in cls.__dict__:
            cls._instance = super().__new__(cls)
            for name in cls.__dict__:
                attribute = getattr(cls._instance, name)
                for event in getattr(attribute, "ha_events", ()):
                    (attribute.ha_vm or qubes.app.Qubes).__handlers__[event].add(
                        attribute
                    )
        return cls._instance
