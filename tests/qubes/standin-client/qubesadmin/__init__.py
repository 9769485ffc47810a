# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands in for Qubes' client library (QubesOS/qubes-core-admin-client) where QUBES_CLIENT_SRC
names no checkout of it. Only what qvm-ephemeral uses, with the library's names, calls and replies:

qubesadmin.exc              the exceptions, and how qubesd's errors become them
qubesadmin.base             properties by admin.*.property.Get, Set, Reset
qubesadmin.app.QubesBase    domains, pools, pool drivers
qubesadmin.vm.QubesVM       name, klass, features, volumes, power state, kill
qubesadmin.tools            the parser, its actions for qubes, print_table
qubesadmin.tests            QubesTest, which answers calls from expected_calls

There is no connection to a qubesd in it.
"""

from qubesadmin.app import Qubes

__all__ = ["Qubes"]
