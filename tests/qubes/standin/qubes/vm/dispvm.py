# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm.dispvm"""
import qubes.events
import qubes.exc
import qubes.vm.qubesvm
import qubes.vm.templated


class DispVM(qubes.vm.templated.TemplatedVM):
    """A disposable."""

    default_volume_config = {
        "root": {"snap_on_start": True, "rw": True, "source": None},
        "private": {"snap_on_start": True, "rw": True, "source": None},
        "volatile": {"rw": True, "size": qubes.vm.qubesvm.DEFAULT_SIZE},
    }

    def __init__(self, app, name, *, template, auto_cleanup=False, new=True, **kwargs):
        super().__init__(app, name, template=template, **kwargs)
        self.auto_cleanup = auto_cleanup
        if new:
            self._take_from(template)

    def _take_from(self, template):
        for name, config in self.volume_config.items():
            live = template.volumes[name].config
            config.setdefault("pool", live["pool"])
            config["rw"] = live["rw"]
            if "ephemeral" in live:
                config.setdefault("ephemeral", live["ephemeral"])

    def set_up(self):
        super().set_up()
        self.features.update(self._template.features)

    @qubes.events.handler("domain-shutdown")
    async def on_domain_shutdown(self, _event, **_kwargs):
        """An unnamed one goes."""
        await self._auto_cleanup()

    async def _auto_cleanup(self, force=False):
        if (self.auto_cleanup or force) and self in self.app.domains:
            del self.app.domains[self]
            await self.storage.remove()

    async def cleanup(self, force=False):
        """Deletes named ones too when forced: as 4.3.50 does."""
        if self not in self.app.domains:
            return
        running = True
        try:
            await self.kill()
        except qubes.exc.QubesVMNotStartedError:
            running = False
        if not self.auto_cleanup or (force and not running):
            await self._auto_cleanup(force=force)

    async def start(self):
        """A start that fails is cleaned up after."""
        try:
            await super().start()
        except:
            await self.cleanup(force=True)
            raise
