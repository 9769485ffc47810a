# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the place of an extension that could not be imported.

It needs as little of Qubes as can be, since a change there is what it is for.
"""
import qubes.exc
import qubes.ext

from . import wanted
from .refusal import check_deletion


class RefusingExtension(qubes.ext.Extension):
    """Starts no disposable that is to be fully ephemeral, and deletes none for that."""

    #: Why the extension could not be imported.
    reason = ""

    @qubes.ext.handler("domain-pre-start")
    def on_pre_start(self, vm, event, **kwargs):
        """Nothing has been started yet."""
        # pylint: disable=unused-argument
        if not wanted.is_disposable(vm) or not wanted.is_wanted(vm):
            return
        raise qubes.exc.QubesException(
            f"cannot start {vm.name} fully ephemeral: the extension of qubesd cannot be loaded "
            f"({self.reason}): install a qubes-ephemeral-dom0 that fits this Qubes, and restart "
            f"qubesd; or start it as Qubes does: qvm-features {vm.name} {wanted.WANTED} ''"
        )

    @qubes.ext.handler("domain-pre-delete", system=True)
    def on_pre_delete(self, app, event, vm):
        """A named disposable is not deleted because a start was refused."""
        # pylint: disable=unused-argument
        check_deletion(vm)


class IdleExtension(qubes.ext.Extension):
    """Does nothing."""
