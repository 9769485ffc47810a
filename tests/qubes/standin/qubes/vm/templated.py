# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.appvm and qubes.vm.dispvm: what follows from a change of the template."""
import qubes.vm.qubesvm


class TemplatedVM(qubes.vm.qubesvm.QubesVM):
    """A domain whose root volume is a snapshot of its template's."""

    @property
    def template(self):
        """The template."""
        return self._template

    @template.setter
    def template(self, template):
        self._template = template
        qubes.vm.qubesvm.template_changed_update_storage(self)
        self.fire_event("property-set:template", name="template", newvalue=template)
