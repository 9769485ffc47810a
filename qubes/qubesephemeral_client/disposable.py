# SPDX-License-Identifier: GPL-2.0-or-later
"""A disposable, or a disposable template and with it each new disposable of it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from . import feature, names, pool, present

TEMPLATE = "template"
NAMED = "named"
UNNAMED = "unnamed"
PRELOADED = "preloaded"


class Volume(NamedTuple):
    """What qubesd says of a qube's volume."""

    pool: str
    rw: bool
    ephemeral: bool


class Disposable(NamedTuple):
    """What decides whether it is fully ephemeral."""

    name: str
    kind: str
    running: bool
    wanted: bool
    # '' is one of its template's, which then says whether that has the step.
    kernel: str
    supported: bool
    template: str
    # As they are now: what the next start makes of them is the extension's.
    volumes: dict[str, Volume]
    # Where its volatile volume is at the next start.
    next_pool: str
    # Whether it is, now or then, opened by our driver.
    ours_now: bool
    ours_next: bool

    @property
    def is_closed(self) -> bool:
        """Whether qubesd lets it write to an encrypted volatile volume only."""
        volatile = self.volumes["volatile"]
        return (
            not self.volumes["root"].rw
            and not self.volumes["private"].rw
            and (volatile.ephemeral or self.ours_now)
        )


def kind_of(vm: Any) -> str:
    """TEMPLATE, NAMED, UNNAMED, PRELOADED (unnamed, not used yet), or '' for any other qube."""
    if vm.klass == "DispVM":
        if getattr(vm, "is_preload", False):
            return PRELOADED
        return UNNAMED if getattr(vm, "auto_cleanup", False) else NAMED
    if vm.klass == "AppVM" and getattr(vm, "template_for_dispvms", False):
        return TEMPLATE
    return ""


def _read_volume(vm: Any, name: str) -> Volume:
    # One call for all of it: each property of the library's Volume is a call of its own.
    reply = vm.qubesd_call(vm.name, "admin.vm.volume.Info", name).decode("ascii")
    info = dict(line.split("=", 1) for line in reply.splitlines())
    return Volume(info["pool"], info["rw"] == "True", info.get("ephemeral") == "True")


def read(vm: Any) -> Disposable:
    """Asks qubesd for one that kind_of knows."""
    volumes = {name: _read_volume(vm, name) for name in ("root", "private", "volatile")}
    kind, kernel = kind_of(vm), vm.kernel or ""
    now = volumes["volatile"].pool
    default = pool.default(vm.app)
    # The extension moves it there, and nowhere else.
    then = default if pool.is_ours(vm.app, default) else now
    return Disposable(
        name=vm.name,
        kind=kind,
        # A disposable template may run by itself; what its disposables are is not changed by that.
        running=kind != TEMPLATE and vm.is_running(),
        wanted=feature.is_wanted(vm),
        kernel=kernel,
        supported=not kernel and bool(vm.features.check_with_template(names.SUPPORTED, "")),
        template=str(vm.template),
        volumes=volumes,
        next_pool=then,
        ours_now=pool.is_ours(vm.app, now),
        ours_next=pool.is_ours(vm.app, then),
    )


def read_all(vms: Iterable[Any]) -> Iterator[Disposable]:
    """Reads each. A disposable may have ended meanwhile: that is left out."""
    return present.each(read, vms)


def all_of(app: Any) -> list[Any]:
    """The qubes that kind_of knows."""
    return present.those(kind_of, present.all_of(app))
