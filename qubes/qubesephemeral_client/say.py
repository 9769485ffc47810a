# SPDX-License-Identifier: GPL-2.0-or-later
"""What is told to a person, as --verbose and --quiet have it."""

import argparse
import sys

from .disposable import Disposable
from .verdict import Verdict


def done(args: argparse.Namespace, text: str) -> None:
    """What was changed; not with --quiet."""
    if args.verbose - args.quiet >= 1:
        print(text)


def detail(args: argparse.Namespace, text: str) -> None:
    """What was found unchanged; with --verbose only."""
    if args.verbose - args.quiet >= 2:
        print(text)


def warning(text: str) -> None:
    """What the user has to know in any case."""
    print(f"qvm-ephemeral: warning: {text}", file=sys.stderr)


def sentence(disposable: Disposable, verdict: Verdict) -> str:
    """One line: who, why, what to do."""
    return f"{disposable.name}: {verdict.why}: {verdict.advice}"
