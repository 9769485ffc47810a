# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.app"""
import qubes.events
import qubes.exc
import qubes.utils
import qubes.vm.qubesvm


class Domains:
    """The domains, by their names or one by one."""

    def __init__(self, app):
        self.app = app
        self._domains = {}

    def add(self, vm):
        """Adds a domain."""
        self._domains[vm.name] = vm
        self.app.fire_event("domain-add", vm=vm)

    def load(self, vm):
        """Adds a domain that qubes.xml has."""
        self._domains[vm.name] = vm

    def __getitem__(self, key):
        return self._domains[str(key)]

    def __delitem__(self, key):
        vm = self[key]
        self.app.fire_event("domain-pre-delete", pre_event=True, vm=vm)
        del self._domains[vm.name]
        self.app.fire_event("domain-delete", vm=vm)

    def __contains__(self, key):
        return str(key) in self._domains

    def __iter__(self):
        return iter(list(self._domains.values()))


def _as_words(config):
    return {key: str(value) for key, value in config.items()}


def _volume_from_words(words):
    """As qubes/vm/__init__.py does when it loads a domain."""
    config = dict(words)
    for key in ("rw", "save_on_stop", "snap_on_start", "ephemeral"):
        if key in config:
            config[key] = qubes.utils.parse_bool(config[key])
    return config


class Qubes(qubes.events.Emitter):
    """The whole system. `spawn_error` is what libvirt would raise."""

    def __init__(self, drivers, kernels_dir):
        super().__init__()
        self.drivers = drivers
        self.kernels_dir = kernels_dir
        self.domains = Domains(self)
        self.pools = {}
        self.defaults = {}
        self.spawn_error = None
        self.saved = {}
        self.events_enabled = True

    def _default_pool(self, name):
        return self.pools[self.defaults.get(name, self.defaults["pool"])]

    default_pool_root = property(lambda self: self._default_pool("root"))
    default_pool_private = property(lambda self: self._default_pool("private"))

    @property
    def default_pool_volatile(self):
        """The pool of new volatile volumes."""
        return self._default_pool("volatile")

    @default_pool_volatile.setter
    def default_pool_volatile(self, name):
        self.defaults["volatile"] = name

    def get_pool(self, pool):
        """By its name, or itself."""
        if not isinstance(pool, str):
            return pool
        if pool not in self.pools:
            raise qubes.exc.QubesException("Unknown storage pool " + pool)
        return self.pools[pool]

    def _make_pool(self, *, driver, **options):
        return self.drivers[driver](**options)

    async def add_pool(self, name, **options):
        """As qvm-pool add."""
        pool = self._make_pool(name=name, **options)
        await qubes.utils.coro_maybe(pool.setup())
        self.pools[name] = pool
        await self.fire_event_async("pool-add", pool=pool)
        return pool

    async def remove_pool(self, name):
        """As qvm-pool remove."""
        pool = self.pools[name]
        if any(volume.pool is pool for vm in self.domains for volume in vm.volumes.values()):
            raise qubes.exc.QubesPoolInUseError(pool)
        await self.fire_event_async("pool-pre-delete", pre_event=True, pool=pool)
        del self.pools[name]

    def add_new_vm(self, cls, **kwargs):
        """Adds a new domain."""
        vm = cls(self, **kwargs)
        vm.set_up()
        self.domains.add(vm)
        return vm

    def save(self):
        """qubes.xml: all values are words."""
        self.saved = {
            "pools": [_as_words(pool.config) for pool in self.pools.values()],
            "defaults": dict(self.defaults),
            "domains": [
                {
                    "class": type(vm),
                    "kwargs": self._kwargs(vm),
                    "features": dict(vm.features),
                    "volumes": {
                        name: _as_words(volume.config) for name, volume in vm.volumes.items()
                    },
                }
                for vm in self.domains
            ],
        }
        return self.saved

    @staticmethod
    def _kwargs(vm):
        names = ("name", "kernel", "virt_mode", "auto_cleanup", "template_for_dispvms")
        kwargs = {name: getattr(vm, name) for name in names if hasattr(vm, name)}
        if getattr(vm, "template", None) is not None:
            kwargs["template"] = vm.template.name
        return kwargs

    def load(self, saved, running=()):
        """Loads what was saved. `running` has the numbers of the domains that run, by name."""
        self.saved = saved
        self.events_enabled = False
        self.pools = {words["name"]: self._make_pool(**words) for words in saved["pools"]}
        self.defaults = dict(saved["defaults"])
        for entry in saved["domains"]:
            self.domains.load(self._load_domain(entry))
        for name, vm in ((vm.name, vm) for vm in self.domains):
            if name in dict(running):
                vm.running, vm.xid = True, dict(running)[name]
            vm.events_enabled = True
            vm.fire_event("domain-load")
        self.events_enabled = True

    def _load_domain(self, entry):
        kwargs = dict(entry["kwargs"])
        if entry["class"].__name__ == "AdminVM":
            vm = entry["class"](self)
        else:
            if "template" in kwargs:
                kwargs["template"] = self.domains[kwargs["template"]]
            if entry["class"].__name__ == "DispVM":
                kwargs["new"] = False
            vm = entry["class"](self, **kwargs)
            vm.volume_config = {
                name: _volume_from_words(words) for name, words in entry["volumes"].items()
            }
            qubes.vm.qubesvm.QubesVM.set_up(vm)
        vm.events_enabled = False
        for key, value in entry["features"].items():
            vm.features[key] = value
        return vm
