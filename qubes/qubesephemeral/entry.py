# SPDX-License-Identifier: GPL-2.0-or-later
"""The extensions that the entry points name. qubesd does not start where one of these cannot be imported:
what cannot is replaced here."""
import importlib
import logging

from .refusal import place
from .refusing import IdleExtension, RefusingExtension

LOG = logging.getLogger("qubes.ext.ephemeral")


def _load(module: str, name: str, instead: type) -> type:
    try:
        return getattr(importlib.import_module(f"{__package__}.{module}"), name)
    except Exception as error:  # pylint: disable=broad-except
        RefusingExtension.reason = f"{place(error)}: {error}"
        LOG.error("cannot load the extension %s: %s: %s", module, place(error), error)
        return instead


RetireExtension = _load("retire", "RetireExtension", IdleExtension)
EphemeralExtension = _load("extension", "EphemeralExtension", RefusingExtension)
