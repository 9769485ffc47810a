# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.templatevm"""
import qubes.vm.qubesvm


class TemplateVM(qubes.vm.qubesvm.QubesVM):
    """A template."""

    default_volume_config = {
        "root": {"save_on_stop": True, "rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
        "private": {"save_on_stop": True, "rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
        "volatile": {"rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
    }
