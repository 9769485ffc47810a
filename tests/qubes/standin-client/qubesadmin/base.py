# SPDX-License-Identifier: GPL-2.0-or-later
"""Properties of qubes and of the whole system."""

import qubesadmin.exc


class PropertyHolder:
    """Each public attribute that the class does not define is asked of qubesd."""

    def __init__(self, app, prefix, dest):
        self.app = app
        self._prefix = prefix
        self._dest = dest

    def _typed(self, kind, value):
        if kind == "bool":
            return value == "True"
        if kind == "int":
            return int(value)
        if kind == "vm":
            return self.app.domains.get_blind(value) if value else None
        return value

    def property_is_default(self, item):
        """Whether nobody has set it."""
        reply = self.app.qubesd_call(self._dest, self._prefix + "Get", item).decode()
        return reply.startswith("default=True ")

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            reply = self.app.qubesd_call(self._dest, self._prefix + "Get", name).decode()
        except qubesadmin.exc.QubesVMNotFoundError as error:
            raise qubesadmin.exc.QubesPropertyAccessError(name) from error
        _, kind, value = reply.split(" ", 2)
        return self._typed(kind.removeprefix("type="), value)

    def __setattr__(self, name, value):
        if name.startswith("_") or name in self.__dict__ or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self.app.qubesd_call(self._dest, self._prefix + "Set", name, str(value).encode())

    def __delattr__(self, name):
        self.app.qubesd_call(self._dest, self._prefix + "Reset", name)
