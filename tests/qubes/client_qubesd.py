# SPDX-License-Identifier: GPL-2.0-or-later
"""A small qubesd: what a test's system is, answered and changed by calls of the admin API.

An instance is the expected_calls of the library's QubesTest: a call that it does not know is an
AssertionError there. What changes something is kept in `writes`.
"""

OK = b"0\x00"


def error(kind, text="no"):
    """An answer that is an exception."""
    return f"2\0{kind}\0\0{text}\0".encode()


class Qubesd:  # pylint: disable=too-many-public-methods
    """qubes: name -> {class, state, props, features, volumes}; pools: name -> options."""

    def __init__(self):
        self.writes = []
        self.pools = {
            "vm-pool": {"driver": "lvm_thin", "volume_group": "qubes_dom0", "thin_pool": "vm-pool"},
            "linux-kernel": {"driver": "linux-kernel", "dir_path": "/var/lib/qubes/vm-kernels"},
        }
        self.drivers = ["ephemeral", "file", "file-reflink", "linux-kernel", "lvm_thin"]
        self.own_default = "vm-pool"
        self.default_pool = None
        self.qubes = {}
        # (qube, method): it ends when this call comes.
        self.ending = set()
        self.add("dom0", "AdminVM", None)

    def add(self, name, klass, template, state="Halted", **props):
        """Adds a qube; its volumes are as Qubes makes them."""
        self.qubes[name] = {
            "class": klass,
            "state": state,
            "template": template,
            "props": props,
            "features": {},
            "volumes": {
                disk: {"pool": "vm-pool", "rw": True, "ephemeral": False}
                for disk in ("root", "private", "volatile")
            },
        }
        return self.qubes[name]

    def close(self, name, pool="vm-pool"):
        """The volumes of a qube are what the extension makes of them."""
        volumes = self.qubes[name]["volumes"]
        volumes["root"]["rw"] = volumes["private"]["rw"] = False
        volumes["volatile"].update(pool=pool, ephemeral=True)

    # What QubesTest asks.

    def __contains__(self, key):
        return hasattr(self, self._handler(key))

    def __getitem__(self, key):
        dest, method, arg, payload = key
        if (dest, method) in self.ending:
            self.qubes.pop(dest, None)
        if dest not in self.qubes:
            return error("QubesVMNotFoundError", "no such qube")
        before = repr((self.qubes, self.pools, self.default_pool))
        reply = getattr(self, self._handler(key))(dest, arg, payload)
        if before != repr((self.qubes, self.pools, self.default_pool)):
            self.writes.append((dest, method.removeprefix("admin."), arg, payload))
        return reply

    @staticmethod
    def _handler(key):
        return key[1].replace(".", "_").lower()

    # The calls.

    def admin_vm_list(self, *_):
        """Names, classes, states."""
        lines = (f"{n} class={q['class']} state={q['state']}\n" for n, q in self.qubes.items())
        return OK + "".join(lines).encode()

    def admin_vm_property_get(self, dest, arg, _):
        """Those that qvm-ephemeral asks for."""
        qube = self.qubes[dest]
        if arg == "klass":
            return f"0\0default=True type=str {qube['class']}".encode()
        if arg == "template" and qube["template"]:
            return f"0\0default=False type=vm {qube['template']}".encode()
        if arg == "kernel":
            return f"0\0default=True type=str {qube['props'].get(arg, 'new')}".encode()
        if arg == "xid":
            xid = -1 if qube["state"] == "Halted" else 1 + list(self.qubes).index(dest)
            return f"0\0default=True type=int {xid}".encode()
        if arg in qube["props"]:
            return f"0\0default=False type=bool {qube['props'][arg]}".encode()
        return error("QubesNoSuchPropertyError")

    def _chain(self, name, with_dom0):
        while name:
            yield self.qubes[name]["features"]
            name = self.qubes[name]["template"]
        if with_dom0:
            yield self.qubes["dom0"]["features"]

    @staticmethod
    def _first(chain, feature):
        for features in chain:
            if feature in features:
                return OK + features[feature].encode()
        return error("QubesFeatureNotFoundError")

    def admin_vm_feature_get(self, dest, arg, _):
        """Its own."""
        return self._first([self.qubes[dest]["features"]], arg)

    def admin_vm_feature_checkwithtemplate(self, dest, arg, _):
        """The first of its own and its templates'."""
        return self._first(self._chain(dest, False), arg)

    def admin_vm_feature_checkwithtemplateandadminvm(self, dest, arg, _):
        """The first of its own, its templates' and dom0's."""
        return self._first(self._chain(dest, True), arg)

    def admin_vm_feature_set(self, dest, arg, payload):
        """Its own. The extension answers one of them."""
        self.qubes[dest]["features"][arg] = payload.decode()
        if arg == "ephemeral-retire" and not self._is_ours(self.default_pool):
            for qube in self.qubes.values():
                volume = qube["volumes"]["volatile"]
                if qube["state"] == "Halted" and self._is_ours(volume["pool"]):
                    volume["pool"] = self.default_pool or self.own_default
        return OK

    def _is_ours(self, pool):
        return self.pools.get(pool, {}).get("driver") == "ephemeral"

    def admin_vm_feature_remove(self, dest, arg, _):
        """Its own."""
        del self.qubes[dest]["features"][arg]
        return OK

    def admin_vm_volume_list(self, dest, *_):
        """The names. To be asked for those of dom0 or of a remote qube makes it hang up."""
        if self.qubes[dest]["class"] in ("AdminVM", "RemoteVM"):
            return b""
        return OK + "".join(f"{name}\n" for name in self.qubes[dest]["volumes"]).encode()

    def admin_vm_volume_info(self, dest, arg, _):
        """What qubesd tells of a volume."""
        volume = {"vid": "x", "size": 1, "usage": 0} | self.qubes[dest]["volumes"][arg]
        return OK + "".join(f"{key}={value}\n" for key, value in volume.items()).encode()

    def admin_vm_currentstate(self, dest, *_):
        """Whether it runs."""
        return f"0\0mem=0 power_state={self.qubes[dest]['state']}".encode()

    def admin_vm_kill(self, dest, *_):
        """Ends it; an unnamed disposable is gone."""
        del self.qubes[dest]
        return OK

    def admin_pool_list(self, *_):
        """The names."""
        return OK + "".join(f"{name}\n" for name in self.pools).encode()

    def admin_pool_listdrivers(self, *_):
        """With their options."""
        return OK + "".join(f"{name} name\n" for name in self.drivers).encode()

    def admin_pool_info(self, _, arg, __):
        """Driver and options."""
        options = {"name": arg} | self.pools[arg]
        return OK + "".join(f"{key}={value}\n" for key, value in options.items()).encode()

    def admin_pool_add(self, _, arg, payload):
        """A new one."""
        options = dict(line.split("=", 1) for line in payload.decode().splitlines())
        self.pools[options.pop("name")] = {"driver": arg} | options
        return OK

    def admin_pool_remove(self, _, arg, __):
        """Refused while something is in it."""
        used = [q for q in self.qubes.values() for v in q["volumes"].values() if v["pool"] == arg]
        if (used and arg != "vm-pool") or arg == (self.default_pool or self.own_default):
            return error("QubesPoolInUseError", "in use")
        del self.pools[arg]
        return OK

    def admin_property_get(self, _, arg, __):
        """default_pool_volatile."""
        assert arg == "default_pool_volatile", arg
        name = self.default_pool or self.own_default
        return f"0\0default={self.default_pool is None} type=str {name}".encode()

    def admin_property_set(self, _, arg, payload):
        """default_pool_volatile."""
        assert arg == "default_pool_volatile", arg
        self.default_pool = payload.decode()
        return OK

    def admin_property_reset(self, _, arg, __):
        """default_pool_volatile."""
        assert arg == "default_pool_volatile", arg
        self.default_pool = None
        return OK
