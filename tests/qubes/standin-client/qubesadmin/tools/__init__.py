# SPDX-License-Identifier: GPL-2.0-or-later
"""The parser of the qvm tools."""

# As the library does it.
# pylint: disable=abstract-method,arguments-differ,arguments-renamed,protected-access,too-few-public-methods

import argparse
import fnmatch
import sys

import qubesadmin


class QubesAction(argparse.Action):
    """Completed once there is an app."""

    def parse_qubes_app(self, parser, namespace):
        """Completes it."""
        raise NotImplementedError


class VmNameAction(QubesAction):
    """Names, or patterns of the shell, become args.domains."""

    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values)

    def _names(self, namespace):
        for word in getattr(namespace, self.dest):
            if any(sign in word for sign in "*?["):
                yield from (
                    vm.name for vm in namespace.app.domains if fnmatch.fnmatch(vm.name, word)
                )
            else:
                yield word

    def parse_qubes_app(self, parser, namespace):
        """Fills in args.domains."""
        domains = namespace.app.domains
        if getattr(namespace, "all_domains", False):
            namespace.domains = [
                vm
                for vm in domains
                if vm.klass != "AdminVM" and vm.name not in namespace.exclude
            ]
            return
        if getattr(namespace, "exclude", None):
            parser.error("--exclude can only be used with --all")
        namespace.domains = []
        for name in dict.fromkeys(self._names(namespace)):
            if name not in domains:
                parser.error(f"no such domain: {name!r}")
            namespace.domains.append(domains[name])


class RunningVmNameAction(VmNameAction):
    """The same, of running ones."""

    def parse_qubes_app(self, parser, namespace):
        super().parse_qubes_app(parser, namespace)
        for vm in namespace.domains:
            if not vm.is_running():
                parser.error_runtime(f"domain {vm.name!r} is not running")


class SubParsersHelpAction(argparse._HelpAction):
    """Help, with that of the commands."""

    def __call__(self, parser, namespace, values, option_string=None):
        parser.print_help()
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, sub in action.choices.items():
                    print(f"\nCommand '{name}':\n  {sub.format_usage()}")
        parser.exit()


class QubesArgumentParser(argparse.ArgumentParser):
    """With --verbose, --quiet, --help, --version, and names of qubes."""

    def __init__(self, vmname_nargs=None, version=None, **kwargs):
        super().__init__(add_help=False, **kwargs)
        self.add_argument("--verbose", "-v", action="count", help="increase verbosity")
        self.add_argument("--quiet", "-q", action="count", help="decrease verbosity")
        self.add_argument("--force-root", action="store_true", help=argparse.SUPPRESS)
        self.add_argument(
            "--help", "-h", action=SubParsersHelpAction, help="show this help message and exit"
        )
        self.version = version
        self.add_argument("--version", action="version")
        if vmname_nargs in ("*", "+"):
            group = self.add_mutually_exclusive_group(required=vmname_nargs == "+")
            group.add_argument(
                "--all", action="store_true", dest="all_domains", help="all qubes"
            )
            self.add_argument("--exclude", action="append", default=[], help="not with --all")
            group.add_argument("VMNAME", action=VmNameAction, nargs="*", default=[])
        self.set_defaults(verbose=1, quiet=0)

    def parse_args(self, args=None, app=None):
        """Parses, then completes what needs the app."""
        namespace = super().parse_args(args)
        namespace.app = app if app is not None else qubesadmin.Qubes()
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for sub in action.choices[namespace.command]._actions:
                    if isinstance(sub, QubesAction):
                        sub.parse_qubes_app(self, namespace)
        return namespace

    def error_runtime(self, message, exit_code=1):
        """One line, without the usage."""
        self.exit(exit_code, f"{self.prog}: error: {message}\n")


def print_table(table, stream=None):
    """As column(1) does it."""
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        words = (word.ljust(width) for word, width in zip(row, widths))
        print("  ".join(words).rstrip(), file=stream or sys.stdout)
