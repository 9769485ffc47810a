#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut module of the stock step, hooked in as the one of Qubes is.
check() { return 0; }
depends() { echo dm; }
install() {
	inst_hook pre-trigger 90 "$moddir/qubes_cow_setup.sh"
	inst_multiple sfdisk swapon mkswap
}
