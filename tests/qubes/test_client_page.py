# SPDX-License-Identifier: GPL-2.0-or-later
"""The parser, its help, the manual page and the completion know the same verbs and options."""

import argparse
import re
import shutil
import subprocess
import unittest

from client_case import ClientCase
from client_path import TOP
from qubesephemeral_client import main

PAGE = TOP / "qubes" / "qvm-ephemeral.1"
COMPLETION = TOP / "completion" / "qvm-ephemeral"

# Every qvm tool has them; the page explains them once.
COMMON = {"--verbose", "--quiet", "--help", "--version"}


def _parsers():
    (verbs,) = (
        action
        for action in main.get_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return verbs.choices


def _options(parser):
    return {
        option
        for action in parser._actions
        if action.help != argparse.SUPPRESS
        for option in action.option_strings
        if option.startswith("--")
    }


def _synopsis():
    """The page's options by verb."""
    text = PAGE.read_text(encoding="utf-8")
    text = text[text.index(".Sh SYNOPSIS") : text.index(".Sh DESCRIPTION")]
    found = {}
    for part in text.split(".Nm\n")[1:]:
        verb = re.match(r"\.Cm (\w+)", part)
        if verb:
            found[verb.group(1)] = {"-" + word for word in re.findall(r"Fl (-[a-z-]+)", part)}
    return found


class Page(ClientCase):
    """What is documented is what there is."""

    def test_synopsis(self):
        """Verb by verb."""
        parsers = {verb: _options(parser) - COMMON for verb, parser in _parsers().items()}
        self.assertEqual(_synopsis(), parsers)

    def test_each_verb_has_the_common_ones(self):
        """As every qvm tool."""
        for parser in _parsers().values():
            self.assertEqual(_options(parser) & COMMON, COMMON)

    def test_page_explains_each(self):
        """Under OPTIONS, and the verbs in the description."""
        text = PAGE.read_text(encoding="utf-8")
        for verb, parser in _parsers().items():
            self.assertRegex(text, rf"(?m)^\.It Cm {verb}\b")
            for option in _options(parser):
                self.assertRegex(text, rf"(?m)^\.It .*Fl -{option[2:]}(\s|$)")

    def test_help(self):
        """Of the command, and of each verb."""
        run = self.run_client("--help")
        self.assertEqual(run.status, 0)
        for verb, parser in _parsers().items():
            self.assertRegex(run.out, rf"(?m)^    {verb} +\w")
            run_verb = self.run_client(verb, "--help")
            self.assertEqual(run_verb.status, 0)
            for option in _options(parser):
                self.assertIn(option, run_verb.out)

    def test_completion(self):
        """Without qubes and kernels, which this machine has not."""
        for verb, parser in _parsers().items():
            self.assertEqual(self._complete(f"_qvm_ephemeral_options {verb}"), _options(parser))
        self.assertEqual(self._complete("_qvm_ephemeral_words ''"), COMMON | set(_parsers()))

    def _complete(self, words):
        done = subprocess.run(
            ["bash", "-c", f". '{COMPLETION}'; {words}"],
            capture_output=True, text=True, check=True,
        )
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_page_is_clean(self):
        """mandoc has nothing to say."""
        self.assertTrue(shutil.which("mandoc"), "mandoc is missing")
        done = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "warning", PAGE],
            capture_output=True, text=True, check=False,
        )
        said = [line for line in done.stdout.splitlines() if "outdated mandoc.db" not in line]
        self.assertEqual(said, [])

    def test_version(self):
        """Ours, not the library's."""
        for words in (["--version"], ["status", "--version"]):
            run = self.run_client(*words)
            self.assertEqual((run.status, run.out[:14]), (0, "qvm-ephemeral "))


if __name__ == "__main__":
    unittest.main()
