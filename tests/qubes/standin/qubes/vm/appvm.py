# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.appvm"""
import qubes.vm.qubesvm


class AppVM(qubes.vm.qubesvm.QubesVM):
    """A domain over a template, which disposables may be made of."""

    default_volume_config = {
        "root": {"snap_on_start": True, "rw": True, "source": None},
        "private": {"save_on_stop": True, "rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
        "volatile": {"rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
    }

    def __init__(self, app, name, *, template_for_dispvms=False, **kwargs):
        super().__init__(app, name, **kwargs)
        self.template_for_dispvms = template_for_dispvms

    @property
    def template(self):
        """The template."""
        return self._template

    @template.setter
    def template(self, template):
        self._template = template
        qubes.vm.qubesvm.template_changed_update_storage(self)
        self.fire_event("property-set:template", name="template", newvalue=template)
        for vm in self.app.domains:
            if getattr(vm, "template", None) is self:
                qubes.vm.qubesvm.template_changed_update_storage(vm)
