# SPDX-License-Identifier: GPL-2.0-or-later
"""The guard that keeps the package while qubes.xml needs it."""

import unittest

from client_path import TOP
from script_case import ScriptCase

# As qubesd writes it, in one line or in several.
XML = """<?xml version='1.0' encoding='utf-8'?>
<qubes version="3.0">
  <pools>
    <pool dir_path="/var/lib/qubes" driver="file-reflink" name="varlibqubes" revisions_to_keep="1"/>{pools}
  </pools>
  <properties><property name="default_pool_volatile">varlibqubes</property></properties>
  <domains>
    <domain id="domain-0" class="AdminVM">
      <properties><property name="name">dom0</property></properties>
      <features>{features}</features>
    </domain>
    <domain id="domain-5" class="DispVM">
      <properties><property name="qid">5</property><property name="name">sys-usb</property></properties>
      <features/>
      <volume-config><volume name="volatile" pool="{pool}" vid="x"/></volume-config>
    </domain>
  </domains>
</qubes>
"""
POOL = '<pool dir_path="/x" driver="ephemeral" name="mine"/>'
ON = '<feature name="ephemeral-disposable">1</feature>'


class Guard(ScriptCase):
    """Status 0: may be removed."""

    script = TOP / "qubes" / "pool-guard"

    def setUp(self):
        super().setUp()
        self.path = self.folder / "qubes.xml"

    def run_guard(self, text=None, package=None):
        """Returns status and what was said."""
        if text is not None:
            self.path.write_text(text, encoding="utf-8")
        status, printed, said = self.run_script(*[package] if package else [], QUBES_XML=self.path)
        self.assertEqual(printed, "")
        return status, said

    def refused(self, *parts, **fields):
        """Status 1, and what is said."""
        status, said = self.run_guard(XML.format(**fields))
        self.assertEqual(status, 1, said)
        for part in parts:
            self.assertIn(part, said)
        return said

    def test_not_needed(self):
        """Other pools, other features, and the feature with no value."""
        self.assertEqual(
            self.run_guard(XML.format(pools="", features="", pool="varlibqubes")), (0, "")
        )
        for features in (
            '<feature name="ephemeral-disposable"></feature>',
            '<feature name="ephemeral-disposable"/>',
            '<feature name="ephemeral-on-failure">warn</feature>',
        ):
            text = XML.format(pools="", features=features, pool="varlibqubes")
            self.assertEqual(self.run_guard(text), (0, ""))

    def test_no_qubes(self):
        """A machine that is no dom0."""
        self.assertEqual(self.run_guard(), (0, ""))

    def test_pool(self):
        """With its name and its qubes."""
        self.refused(
            "driver: mine ", "a volume in them: sys-usb ", "qvm-ephemeral off --all",
            "qvm-pool remove", pools=POOL, features="", pool="mine",
        )

    def test_pool_that_nobody_uses(self):
        """qubesd loads it all the same."""
        said = self.refused("driver: mine ", pools=POOL, features="", pool="varlibqubes")
        self.assertNotIn("a volume in them", said)

    def test_of_another_package(self):
        """It is named in each line."""
        text = XML.format(pools=POOL, features="", pool="mine")
        status, said = self.run_guard(text, "xen-ephemeral")
        self.assertEqual(status, 1)
        for line in said.splitlines():
            self.assertRegex(line, "^xen-ephemeral: ")

    def test_several_pools(self):
        """All are named."""
        pools = POOL + POOL.replace("mine", "second")
        self.refused("driver: mine second ", pools=pools, features="", pool="second")

    def test_other_forms(self):
        """Written by another hand."""
        for pool in (
            POOL.replace('"', "'"),
            POOL.replace(" ", "\n        "),
            POOL.replace("/>", "></pool>"),
            POOL.replace('="', ' = "'),
        ):
            self.refused("driver: mine ", pools=pool, features="", pool="varlibqubes")
        self.refused("removed", pools='<pool driver="ephemeral"/>', features="", pool="x")

    def test_one_line(self):
        """No line breaks at all."""
        text = "".join(line.strip() for line in XML.splitlines())
        status, said = self.run_guard(text.format(pools=POOL, features=ON, pool="mine"))
        self.assertEqual(status, 1)
        for part in ("driver: mine ", "turned on for: dom0 ", "a volume in them: sys-usb "):
            self.assertIn(part, said)

    def test_turned_on(self):
        """Without a pool of ours: the disposables would write in the clear."""
        said = self.refused("turned on for: dom0 ", pools="", features=ON, pool="varlibqubes")
        self.assertNotIn("qvm-pool remove", said)

    def test_not_understood(self):
        """Rather one refusal too many."""
        status, said = self.run_guard("<pools><x:pool driver='ephemeral'/></pools>")
        self.assertEqual(status, 1, said)

    def test_not_readable(self):
        """A folder in its place, as root reads everything."""
        self.path.mkdir()
        status, said = self.run_guard()
        self.assertEqual(status, 1)
        self.assertIn(f"cannot read {self.path}", said)


if __name__ == "__main__":
    unittest.main()
