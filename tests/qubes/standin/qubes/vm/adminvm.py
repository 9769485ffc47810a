# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.adminvm"""
import qubes.vm


class AdminVM(qubes.vm.LocalVM):
    """dom0."""

    klass = "AdminVM"

    def __init__(self, app):
        super().__init__(app, "dom0")
        self.events_enabled = True
