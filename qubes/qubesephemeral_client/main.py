# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line."""

import argparse
import sys
from typing import Any

import qubesadmin.exc
import qubesadmin.tools

from . import off, on, prepare, status, verify
from .exc import Refused
from .version import version

PROG = "qvm-ephemeral"


def _add(verbs: Any, name: str, module: Any, **kwargs: Any) -> Any:
    parser = verbs.add_parser(
        name,
        help=module.HELP,
        description=module.HELP,
        # The library's default is its own version.
        version=f"{PROG} {version()}",
        **kwargs,
    )
    parser.set_defaults(run=module.run)
    return parser


def get_parser() -> Any:
    """The parser, as the library's get_parser_for_command wants it."""
    parser = qubesadmin.tools.QubesArgumentParser(
        prog=PROG, description="fully ephemeral disposables", version=f"{PROG} {version()}"
    )
    verbs = parser.add_subparsers(title="commands", dest="command", required=True)
    on.add_arguments(_add(verbs, "on", on, vmname_nargs="+"))
    _add(verbs, "off", off, vmname_nargs="+")
    _add(verbs, "status", status).add_argument(
        "VMNAME", nargs="*", default=[], action=qubesadmin.tools.VmNameAction
    )
    prepare.add_arguments(_add(verbs, "prepare", prepare))
    _add(verbs, "verify", verify).add_argument(
        "VMNAME", nargs="+", action=qubesadmin.tools.RunningVmNameAction
    )
    return parser


def main(args: list[str] | None = None, app: Any = None) -> int:
    """Returns the exit status."""
    parser = get_parser()
    try:
        parsed: argparse.Namespace = parser.parse_args(args, app=app)
        if parsed.app.qubesd_connection_type == "qrexec":
            raise Refused("dom0's kernels and disks can be seen in dom0 only: run it there")
        status_code: int = parsed.run(parsed)
        return status_code
    except (Refused, qubesadmin.exc.QubesException) as error:
        parser.error_runtime(str(error))
    except (BrokenPipeError, KeyboardInterrupt):
        return 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
