# SPDX-License-Identifier: GPL-2.0-or-later
"""The stand-in's system."""
import machine
import qubes
import qubes.storage.stock
import qubes.vm.adminvm
import qubes.vm.appvm
import qubes.vm.dispvm
import qubes.vm.templatevm

from qubesephemeral.entry import EphemeralExtension
from qubesephemeral.pool import EphemeralPool

DRIVERS = {"ephemeral": EphemeralPool, "stock": qubes.storage.stock.StockPool}


class Machine(machine.Machine):
    """See the module `machine`."""

    def __init__(self, folder):
        super().__init__(folder)
        EphemeralExtension()
        self.app = qubes.Qubes(DRIVERS, str(self.kernels))
        self.app.domains.add(qubes.vm.adminvm.AdminVM(self.app))
        self.run(self.app.add_pool("stock", driver="stock", dir_path=str(folder / "stock")))
        self.app.defaults["pool"] = "stock"
        self._add(qubes.vm.templatevm.TemplateVM, name="a-template")
        self._add(
            qubes.vm.appvm.AppVM,
            name="a-dvm",
            template=self.template,
            template_for_dispvms=True,
        )

    def _add(self, cls, pool=None, **kwargs):
        vm = self.app.add_new_vm(cls, kernel=machine.KERNEL, **kwargs)
        self.run(vm.create_on_disk(pool=pool))
        return vm

    def add_template(self, name):
        """Another template."""
        return self._add(qubes.vm.templatevm.TemplateVM, name=name)

    def add_appvm(self, name):
        """A domain that keeps its private volume."""
        return self._add(qubes.vm.appvm.AppVM, name=name, template=self.template)

    def add_disposable(self, name=None, pool=None, virt_mode="pvh"):
        """A disposable; without a name one that goes when it ends."""
        return self._add(
            qubes.vm.dispvm.DispVM,
            pool=pool,
            name=name or f"disp{len(list(self.app.domains))}",
            auto_cleanup=name is None,
            template=self.dvm,
            virt_mode=virt_mode,
        )

    def stock_options(self, name):
        """The options of one more pool of Qubes' own kind."""
        return {"driver": "stock", "dir_path": str(self.folder / name)}

    def reload(self):
        """Saves, and loads into another app object."""
        saved = self.app.save()
        self.app = qubes.Qubes(DRIVERS, str(self.kernels))
        self.app.load(saved)

    def restart(self):
        """qubesd is killed: what it has not saved is gone. Domains go on."""
        running = {vm.name: vm.xid for vm in self.app.domains if getattr(vm, "running", False)}
        saved = self.app.saved
        self.app = qubes.Qubes(DRIVERS, str(self.kernels))
        self.app.load(saved, running)

    def stop(self, vm):
        """Ends a domain."""
        self.run(vm.kill())

    def disks(self, vm):
        """What libvirt was given at the last start: (path, read-only) by the name in the guest."""
        names = {"root": "xvda", "private": "xvdb", "volatile": "xvdc", "kernel": "xvdd"}
        return {names[disk.name]: (disk.path, not disk.rw) for disk in vm.disks}

    def fail_volume(self, name):
        """From now on volumes of Qubes' own of this name cannot be started."""
        self.app.pools["stock"].failing.add(name)

    def fail_spawn(self):
        """From now on libvirt refuses to create a domain."""
        self.app.spawn_error = OSError("libvirt says no")

    def is_encrypted_by_qubes(self, path):
        """Whether Qubes' cryptsetup has the device."""
        return path in self.app.pools["stock"].encrypted
