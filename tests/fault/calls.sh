#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints what fault.c stands before, a name a line.
sed -n 's/^FAULT\(_ANY\)\{0,1\}([^,]*, *\([a-z_0-9]*\),.*/\2/p' "$(dirname "$0")/fault.c"
