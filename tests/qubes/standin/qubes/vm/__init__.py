# SPDX-License-Identifier: GPL-2.0-or-later
"""qubes.vm, and qubes.features"""
import qubes.events


class Features(dict):
    """A domain's features: words; True is "1", and False and None are ""."""

    def __init__(self, subject):
        super().__init__()
        self.subject = subject

    def __setitem__(self, key, value):
        if value is None or isinstance(value, bool):
            value = "1" if value else ""
        old = {"oldvalue": self[key]} if key in self else {}
        event = {"feature": key, "value": str(value), **old}
        self.subject.fire_event(f"domain-feature-pre-set:{key}", pre_event=True, **event)
        super().__setitem__(key, str(value))
        self.subject.fire_event(f"domain-feature-set:{key}", **event)

    def __delitem__(self, key):
        self.subject.fire_event(f"domain-feature-pre-delete:{key}", feature=key)
        super().__delitem__(key)
        self.subject.fire_event(f"domain-feature-delete:{key}", feature=key)

    def update(self, other):
        for key, value in other.items():
            self[key] = value

    def check_with_template(self, feature, default=None):
        """The domain's own, or its template's, or the template's of that."""
        subject = self.subject
        while subject is not None:
            if feature in subject.features:
                return subject.features[feature]
            subject = getattr(subject, "template", None)
        return default


class BaseVM(qubes.events.Emitter):
    """Any domain."""

    def __init__(self, app, name):
        super().__init__()
        self.app = app
        self.name = name
        self.features = Features(self)
        self.volumes = {}

    def __str__(self):
        return self.name


class LocalVM(BaseVM):
    """A domain of this machine."""
