# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.appvm"""
import qubes.events
import qubes.vm.qubesvm
import qubes.vm.templated


class AppVM(qubes.vm.templated.TemplatedVM):
    """A domain over a template, which disposables may be made of."""

    default_volume_config = {
        "root": {"snap_on_start": True, "rw": True, "source": None},
        "private": {"save_on_stop": True, "rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
        "volatile": {"rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
    }

    def __init__(self, app, name, *, template_for_dispvms=False, **kwargs):
        super().__init__(app, name, **kwargs)
        self.template_for_dispvms = template_for_dispvms

    @qubes.events.handler("property-set:template")
    def on_template(self, _event, **_kwargs):
        """Its disposables' snapshots begin anew too."""
        for vm in self.app.domains:
            if getattr(vm, "template", None) is self:
                qubes.vm.qubesvm.template_changed_update_storage(vm)
