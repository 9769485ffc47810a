# SPDX-License-Identifier: GPL-2.0-or-later
"""Fully ephemeral disposables for Qubes OS: what runs in qubesd.

Nothing is imported here. qubesd comes in by two doors, `entry` for the extensions and `pool` for the
storage driver. Both can be imported where the rest cannot: qubesd starts then, and refuses to start what
is to be fully ephemeral.
"""
