# SPDX-License-Identifier: GPL-2.0-or-later
"""Empties the pools of our driver again, so that the driver can go.

No call of the admin API moves a volume: without this each qube that was made while such a pool was the
default would have to be made anew. It is done while the feature `ephemeral-retire` is set on dom0, and
only then: a pool of ours may be chosen for a qube on purpose.
"""
import logging

import qubes.ext
import qubes.vm.adminvm
import qubes.vm.dispvm
import qubes.vm.qubesvm

from . import policy, wanted
from .pool import EphemeralPool
from .refusal import place

RETIRE = "ephemeral-retire"

LOG = logging.getLogger("qubes.ext.ephemeral")

QubesVM = qubes.vm.qubesvm.QubesVM


def _is_retiring(app) -> bool:
    return bool(app.domains["dom0"].features.get(RETIRE, False))


def _is_starting(vm) -> bool:
    """Whether a start is under way: the domain is not there yet, and its volumes may be in use."""
    lock = getattr(vm, "startup_lock", None)
    return lock is not None and lock.locked()


def give_back(vm) -> bool:
    """Puts the volatile volume of a qube that does not run, which is empty, into the default pool, if
    that is not ours, and undoes what was made read-only. Tells whether anything was changed."""
    changed = False
    if isinstance(vm, qubes.vm.dispvm.DispVM) and not wanted.is_wanted(vm):
        changed = bool(vm.features.get(policy.APPLIED, None))
        policy.undo(vm)
    old = vm.volumes.get(policy.VOLATILE)
    pool = vm.app.default_pool_volatile
    if old is None or not isinstance(old.pool, EphemeralPool) or isinstance(pool, EphemeralPool):
        return changed
    # Qubes' own drivers make a volatile volume when it is started.
    policy.exchange(vm, pool)
    old.pool.forget(old)
    return True


def _give_back(vm) -> bool:
    """The same, in an event that other handlers need as well."""
    try:
        return give_back(vm)
    except Exception as error:  # pylint: disable=broad-except
        LOG.error("cannot give a volatile volume back to Qubes' own pool: %s", place(error))
        return False


class RetireExtension(qubes.ext.Extension):
    """Those that do not run at once, the others when they have ended."""

    @qubes.ext.handler(f"domain-feature-set:{RETIRE}", vm=qubes.vm.adminvm.AdminVM)
    def on_retire(self, vm, event, value, **kwargs):
        """The caller saves qubes.xml."""
        # pylint: disable=unused-argument
        if not value:
            return
        for other in vm.app.domains:
            if isinstance(other, QubesVM) and other.is_halted() and not _is_starting(other):
                _give_back(other)

    @qubes.ext.handler("domain-shutdown", vm=QubesVM)
    def on_shutdown(self, vm, event, **kwargs):
        """Its volumes are stopped."""
        # pylint: disable=unused-argument
        if _is_retiring(vm.app) and _give_back(vm):
            vm.app.save()
