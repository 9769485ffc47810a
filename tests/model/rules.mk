# SPDX-License-Identifier: GPL-2.0-or-later
# check-model: tests/model/*.pml, searched by spin. spin wants a C preprocessor and compiler.

.PHONY: check-model

check-model: setup
	@tests/setup.sh spin
	@LOGS=$B/logs tests/model/run.sh
