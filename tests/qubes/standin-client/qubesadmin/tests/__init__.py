# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of tools are given."""

import typing
import unittest

import qubesadmin.app
import qubesadmin.exc


class QubesTest(qubesadmin.app.QubesBase):
    """Answers from expected_calls and keeps what was asked."""

    expected_calls: typing.Any = None
    actual_calls: typing.Any = None
    qubesd_connection_type = "none"

    def __init__(self):
        super().__init__()
        self.expected_calls = {}
        self.actual_calls = []

    def qubesd_call(self, dest, method, arg=None, payload=None):
        key = (dest, method, arg, payload)
        self.actual_calls.append(key)
        if key not in self.expected_calls:
            raise AssertionError(f"Unexpected call {key!r}")
        return qubesadmin.exc.parse_response(self.expected_calls[key])


class QubesTestCase(unittest.TestCase):
    """Has an app."""

    def setUp(self):
        super().setUp()
        self.app = QubesTest()
