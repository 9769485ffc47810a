# SPDX-License-Identifier: GPL-2.0-or-later
"""The real qubes-core-admin: all of it but libvirt, Xen, and the daemons that a started domain has."""
import asyncio
import contextlib
import itertools
import os
import pathlib
import sys
import tempfile
import uuid
from unittest import mock

import lxml.etree

import machine
import metadata

SRC = pathlib.Path(os.environ["QUBES_SRC"])


class FakeDomain:
    """libvirt's domain."""

    _ids = itertools.count(1)

    def __init__(self, conn, xml):
        self.conn = conn
        self.xml = xml
        self.id = -1
        self.paused = False

    def createWithFlags(self, _flags):  # pylint: disable=invalid-name
        if self.conn.error is not None:
            raise self.conn.error
        self.id = next(self._ids)
        self.paused = True

    def resume(self):
        self.paused = False

    def suspend(self):
        self.paused = True

    def destroy(self):
        self.id = -1
        self.paused = False
        self.conn.on_stopped(self)

    def isActive(self):  # pylint: disable=invalid-name
        return self.id != -1

    def state(self):
        return [3 if self.paused else 1]

    def ID(self):  # pylint: disable=invalid-name
        return self.id

    def close(self):
        pass

    def undefine(self):
        self.conn.domains.pop(self.uuid, None)

    @property
    def uuid(self):
        return lxml.etree.fromstring(self.xml).findtext("uuid")

    def XMLDesc(self, *_flags):  # pylint: disable=invalid-name
        return self.xml


class FakeLibvirt:
    """libvirt's connection."""

    def __init__(self):
        self.domains = {}
        self.error = None
        self.app = None

    def defineXML(self, xml):  # pylint: disable=invalid-name
        domain = FakeDomain(self, xml)
        self.domains[domain.uuid] = domain
        return domain

    def lookupByUUID(self, uuid_bytes):  # pylint: disable=invalid-name
        import libvirt  # pylint: disable=import-outside-toplevel

        try:
            return self.domains[str(uuid.UUID(bytes=uuid_bytes))]
        except KeyError:
            raise libvirt.libvirtError("no domain") from None

    def lookupByID(self, _domid):  # pylint: disable=invalid-name
        return FakeDomain(self, "<domain><uuid/></domain>")

    def getInfo(self):  # pylint: disable=invalid-name
        return ["x86_64", 8192, 4, 2000, 1, 1, 4, 1]

    def on_stopped(self, domain):
        for vm in self.app.domains:
            if str(vm.uuid) == domain.uuid:
                vm.on_libvirt_domain_stopped()

    def __getattr__(self, name):
        return mock.MagicMock(name=name)


class Machine(machine.Machine):
    """See the module `machine`."""

    _installed: list = []

    def __init__(self, folder):
        super().__init__(folder)
        if not self._installed:
            found = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
            metadata.install(pathlib.Path(found.name), metadata.QUBES, metadata.OURS)
            sys.path.insert(0, found.name)
            self._installed.append(found)
        import qubes.config  # pylint: disable=import-outside-toplevel
        import qubes.storage  # pylint: disable=import-outside-toplevel

        self.patches = contextlib.ExitStack()
        self.libvirt = FakeLibvirt()
        self.encrypted = set()
        self._patch_folders(qubes)
        self._patch_daemons()
        self.app = self._make_app(load=False)
        self.app.load_initial_values()
        self.run(
            self.app.add_pool(
                "stock", driver="file-reflink", dir_path=str(folder / "stock"), setup_check=False
            )
        )
        self.app.default_pool = "stock"
        self.app.default_kernel = machine.KERNEL
        self.app.default_netvm = None
        self.add_template("a-template")
        self._add("AppVM", "a-dvm", template=self.template, template_for_dispvms=True)

    def _patch_folders(self, qubes):
        base = str(self.folder)
        for name in ("appvms", "vm-templates", "run", "log"):
            (self.folder / name).mkdir()
        configs = qubes.config.defaults["pool_configs"]
        for target, name, value in (
            (qubes.config, "qubes_base_dir", base),
            (qubes.storage, "VOLUME_STATE_DIR", base + "/run"),
        ):
            self.patches.enter_context(mock.patch.object(target, name, value))
        self.patches.enter_context(
            mock.patch.dict(
                configs,
                {"linux-kernel": {**configs["linux-kernel"], "dir_path": str(self.kernels)}},
            )
        )
        self.patches.enter_context(mock.patch.dict(configs["varlibqubes"], dir_path=base + "/files"))

    def _patch_daemons(self):
        import qubes.vm.adminvm  # pylint: disable=import-outside-toplevel
        import qubes.vm.qubesvm  # pylint: disable=import-outside-toplevel

        async def nothing(*_args, **_kwargs):
            return None

        async def start_qrexec(vm, **_kwargs):
            vm.usable_for_test = True

        async def run_program(*args, **_kwargs):
            if "cryptsetup" in args[0] and "open" in args:
                self.encrypted.add("/dev/mapper/" + args[-1])

        cls = qubes.vm.qubesvm.QubesVM
        no_qdb = mock.MagicMock()
        no_qdb.list.return_value = []
        no_qdb.read.return_value = None
        for target, name, value in (
            (qubes.vm.LocalVM, "start_qdb_watch", lambda vm: None),
            (qubes.vm.adminvm.AdminVM, "untrusted_qdb", no_qdb),
            (cls, "start_qubesdb", nothing),
            (cls, "start_qrexec_daemon", start_qrexec),
            (cls, "create_qdb_entries", lambda vm: None),
            (cls, "create_xs_entries", lambda vm: None),
            (cls, "untrusted_qdb", no_qdb),
            (cls, "request_mem", lambda vm, needed=None: None),
            (cls, "is_fully_usable", lambda vm: hasattr(vm, "usable_for_test")),
            # Qubes' own encryption must not come to this machine's device-mapper.
            (qubes.storage, "_am_root", False),
            (qubes.utils, "run_program", run_program),
        ):
            # 4.3 has not all of them.
            self.patches.enter_context(mock.patch.object(target, name, value, create=True))

    def _make_app(self, load):
        import qubes  # pylint: disable=import-outside-toplevel

        app = qubes.Qubes(str(self.folder / "qubes.xml"), load=False, offline_mode=False)
        self.libvirt.app = app
        app.vmm._libvirt_conn = self.libvirt
        app.vmm._libvirt_conn_type = "Xen"
        app.vmm._is_xen = True
        app.vmm._xs = mock.MagicMock()
        app.vmm._xc = mock.MagicMock()
        app.env.loader.searchpath[:] = [str(SRC / "templates")]
        if load:
            app.events_enabled = False
            app.load()
            app.events_enabled = True
        return app

    def _add(self, cls, name, pool=None, **kwargs):
        vm = self.app.add_new_vm(cls, name=name, label="red", **kwargs)
        self.run(vm.create_on_disk(pool=pool))
        return vm

    def add_template(self, name):
        """Another template."""
        return self._add("TemplateVM", name)

    def add_appvm(self, name):
        """A domain that keeps its private volume."""
        return self._add("AppVM", name, template=self.template)

    def add_disposable(self, name=None, pool=None, virt_mode="pvh"):
        """A disposable; without a name one that goes when it ends."""
        kwargs = {"template": self.dvm}
        if name is None:
            kwargs.update(auto_cleanup=True, dispid=len(list(self.app.domains)))
            name = f"disp{kwargs['dispid']}"
        vm = self._add("DispVM", name, pool=pool, **kwargs)
        vm.virt_mode = virt_mode
        return vm

    def stock_options(self, name):
        """The options of one more pool of Qubes' own kind."""
        return {
            "driver": "file-reflink",
            "dir_path": str(self.folder / name),
            "setup_check": False,
        }

    def reload(self):
        """Saves qubes.xml, and loads it into another app object."""
        self.app.save()
        self.restart()

    def restart(self):
        """qubesd is killed: what it has not saved is gone. Domains go on."""
        app, self.app = self.app, self._make_app(load=True)
        app.close()

    def stop(self, vm):
        """Ends a domain, and waits for what follows."""
        self.run(vm.kill())
        self.run(asyncio.sleep(0))

    def disks(self, vm):
        """From the XML that libvirt was given: (path, read-only) by the name in the guest."""
        xml = lxml.etree.fromstring(self.libvirt.domains[str(vm.uuid)].xml)
        return {
            disk.find("target").get("dev"): (
                disk.find("source").get("dev"),
                disk.find("readonly") is not None,
            )
            for disk in xml.findall("devices/disk")
        }

    def fail_volume(self, name):
        """From now on volumes of Qubes' own of this name cannot be started."""
        import qubes.exc  # pylint: disable=import-outside-toplevel
        import qubes.storage.reflink  # pylint: disable=import-outside-toplevel

        cls = qubes.storage.reflink.ReflinkVolume
        start = cls.start

        async def fail(volume):
            if volume.name == name:
                raise qubes.exc.StoragePoolException(f"cannot start {volume.vid}")
            return await start(volume)

        self.patches.enter_context(mock.patch.object(cls, "start", fail))

    def fail_spawn(self):
        """From now on libvirt refuses to create a domain."""
        self.libvirt.error = OSError("libvirt says no")

    def is_encrypted_by_qubes(self, path):
        """Whether cryptsetup was called for the device."""
        return path in self.encrypted

    def close(self):
        self.app.close()
        self.patches.close()
        super().close()
