# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole system."""

import typing

import qubesadmin.base
import qubesadmin.exc
import qubesadmin.vm


class VMCollection:
    """The qubes by name. The names are asked for once."""

    def __init__(self, app):
        self.app = app
        self._vms = {}
        self._known = None

    def clear_cache(self):
        """Asks again."""
        self._known = None

    def _classes(self):
        if self._known is None:
            lines = self.app.qubesd_call("dom0", "admin.vm.List").decode().splitlines()
            words = [line.split() for line in lines]
            self._known = {name: klass.removeprefix("class=") for name, klass, *_ in words}
        return self._known

    def __iter__(self):
        return (self[name] for name in sorted(self._classes()))

    def __contains__(self, name):
        return str(name) in self._classes()

    def __getitem__(self, name):
        klass = self._classes()[str(name)]
        return self._vms.setdefault(str(name), qubesadmin.vm.QubesVM(self.app, str(name), klass))

    def get_blind(self, name):
        """Without asking whether it is there; here no class is known then, so that is asked."""
        return self[name]


class Pool:
    """A storage pool."""

    def __init__(self, app, name):
        self.app = app
        self.name = name

    @property
    def config(self):
        """Its options and its driver."""
        reply = self.app.qubesd_call("dom0", "admin.pool.Info", self.name).decode()
        return dict(line.split("=", 1) for line in reply.splitlines())

    @property
    def driver(self):
        """Its driver."""
        return self.config["driver"]


class PoolCollection:
    """The pools by name. The names are asked for once."""

    def __init__(self, app):
        self.app = app
        self._names = None

    def clear_cache(self):
        """Asks again."""
        self._names = None

    def __iter__(self):
        if self._names is None:
            reply = self.app.qubesd_call("dom0", "admin.pool.List").decode()
            self._names = reply.splitlines()
        return iter(self._names)

    def __contains__(self, name):
        return name in list(self)

    def __getitem__(self, name):
        if name not in self:
            raise KeyError(name)
        return Pool(self.app, name)


class QubesBase(qubesadmin.base.PropertyHolder):
    """What qubesd looks after."""

    app: typing.Any = None
    domains: typing.Any = None
    pools: typing.Any = None
    qubesd_connection_type: typing.Any = None

    def __init__(self):
        super().__init__(self, "admin.property.", "dom0")
        self.domains = VMCollection(self)
        self.pools = PoolCollection(self)

    def qubesd_call(self, dest, method, arg=None, payload=None):
        """Makes a call."""
        raise NotImplementedError

    @property
    def pool_drivers(self):
        """The names of the pool drivers."""
        lines = self.qubesd_call("dom0", "admin.pool.ListDrivers").decode().splitlines()
        return [line.split(" ", 1)[0] for line in lines]

    def add_pool(self, name, driver, **kwargs):
        """Makes a pool."""
        options = {"name": name} | dict(sorted(kwargs.items()))
        payload = "".join(f"{key}={value}\n" for key, value in options.items())
        self.qubesd_call("dom0", "admin.pool.Add", driver, payload.encode())

    def remove_pool(self, name):
        """Forgets a pool."""
        self.qubesd_call("dom0", "admin.pool.Remove", name)


class Qubes(QubesBase):
    """The connection that this stand-in does not have."""

    qubesd_connection_type = "socket"

    def qubesd_call(self, dest, method, arg=None, payload=None):
        raise qubesadmin.exc.QubesException("Failed to connect to qubesd service")
