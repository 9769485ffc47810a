# SPDX-License-Identifier: GPL-2.0-or-later
# The Python of qubes/: against the stand-in, or against the real Qubes where QUBES_SRC and QREXEC_SRC name its sources.

.PHONY: check-qubes lint-qubes

# What the real one imports.
qubes_packages = python3 make mandoc $(if $(QUBES_SRC),python3-lxml python3-jinja2 python3-docutils python3-yaml python3-pyinotify lvm2)

check-qubes:
	@tests/setup.sh $(qubes_packages)
	tests/qubes/run.sh

# The stand-ins have the interfaces of the real ones, and are here. What is written for the real one needs it.
linted = ../../qubes/qubesephemeral ../../qubes/qubesephemeral_client standin/qubes standin-client/qubesadmin \
	 $(notdir $(filter-out %/machine_real.py,$(wildcard tests/qubes/*.py)))

# A later Python refuses what this one warns of.
lint-qubes:
	@tests/setup.sh mypy pylint
	python3 -W error -X pycache_prefix=$B/pycache -m compileall -q -f qubes tests/qubes
	cd tests/qubes && mypy --cache-dir=/dev/null --strict --ignore-missing-imports ../../qubes/qubesephemeral_client
	cd tests/qubes && MYPYPATH=standin:standin-client:../../qubes \
		mypy --cache-dir=/dev/null --check-untyped-defs $(linted)
	cd tests/qubes && PYTHONPATH=standin:standin-client:../../qubes:. PYTHONDONTWRITEBYTECODE=1 \
		pylint --rcfile=pylintrc $(linted)
