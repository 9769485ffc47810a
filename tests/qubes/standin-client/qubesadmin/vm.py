# SPDX-License-Identifier: GPL-2.0-or-later
"""Qubes, their features and volumes."""

import typing

import qubesadmin.base


class Features:
    """A mapping, each access a call."""

    def __init__(self, vm):
        self.vm = vm

    def __getitem__(self, key):
        return self.vm.qubesd_call(self.vm.name, "admin.vm.feature.Get", key).decode()

    def __setitem__(self, key, value):
        self.vm.qubesd_call(self.vm.name, "admin.vm.feature.Set", key, str(value).encode())

    def __delitem__(self, key):
        self.vm.qubesd_call(self.vm.name, "admin.vm.feature.Remove", key)

    def get(self, key, default=None):
        """Its own value."""
        try:
            return self[key]
        except KeyError:
            return default

    def check_with_template(self, key, default=None):
        """Its own value or its template's."""
        try:
            reply = self.vm.qubesd_call(self.vm.name, "admin.vm.feature.CheckWithTemplate", key)
            return reply.decode()
        except KeyError:
            return default


class Volume:  # pylint: disable=too-few-public-methods
    """A volume of a qube."""

    def __init__(self, vm, name):
        self._vm = vm
        self.name = name

    @property
    def pool(self):
        """The name of its pool."""
        reply = self._vm.qubesd_call(self._vm.name, "admin.vm.volume.Info", self.name).decode()
        return dict(line.split("=", 1) for line in reply.splitlines())["pool"]


class QubesVM(qubesadmin.base.PropertyHolder):
    """A qube."""

    app: typing.Any = None
    features: typing.Any = None
    klass: typing.Any = None

    def __init__(self, app, name, klass=None):
        super().__init__(app, "admin.vm.property.", name)
        self.features = Features(self)
        self.klass = klass

    def qubesd_call(self, dest, method, arg=None, payload=None):
        """Makes a call."""
        return self.app.qubesd_call(dest, method, arg, payload)

    @property
    def name(self):
        """Its name."""
        return self._dest

    def __str__(self):
        return self.name

    def __eq__(self, other):
        return str(self) == str(other)

    def __hash__(self):
        return hash(self.name)

    @property
    def volumes(self):
        """By name."""
        reply = self.qubesd_call(self.name, "admin.vm.volume.List").decode()
        return {name: Volume(self, name) for name in reply.splitlines()}

    def is_running(self):
        """Started, or paused."""
        reply = self.qubesd_call(self.name, "admin.vm.CurrentState").decode()
        state = dict(word.split("=", 1) for word in reply.split())
        return state["power_state"] not in ("Halted", "NA")

    def kill(self):
        """Ends it at once."""
        self.qubesd_call(self.name, "admin.vm.Kill")
