# SPDX-License-Identifier: GPL-2.0-or-later
"""The names that qubesd, the storage pool driver and this command share."""

import pathlib

# Set to '1' on a disposable, its disposable template, that one's template, or on dom0 for all.
FEATURE = "ephemeral-disposable"

# On a template: its own initramfs has the step.
SUPPORTED = "supported-feature.ephemeral-disposable"

# On dom0: the extension moves volatile volumes out of pools of our driver, when a qube has ended.
RETIRE = "ephemeral-retire"

# On dom0: what default_pool_volatile was set to before on, for off to give it back.
EARLIER = "ephemeral-earlier-pool"

# The storage pool driver, and the pool of it that is made unless another is named.
DRIVER = "ephemeral"
POOL = "ephemeral"

# dom0's kernels for qubes.
KERNELS = pathlib.Path("/var/lib/qubes/vm-kernels")

# Run as root.
VERIFY = "xen-ephemeral"
PREPARE = "xen-ephemeral-initramfs"

# Make each kernel ready that is installed from then on.
KERNEL_UNITS = ("xen-ephemeral-kernels.path", "xen-ephemeral-kernels.service")
