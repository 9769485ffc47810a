# SPDX-License-Identifier: GPL-2.0-or-later
"""Fully ephemeral disposables for Qubes OS: what runs in qubesd.

Nothing is imported here: qubesd must start even where a part of this is broken.
"""
