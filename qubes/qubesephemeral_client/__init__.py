# SPDX-License-Identifier: GPL-2.0-or-later
"""qvm-ephemeral: the operator's side of fully ephemeral disposables in Qubes OS."""
