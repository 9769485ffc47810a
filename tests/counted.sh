# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# For tests that run on this machine, and count what they tell as they go: . tests/counted.sh; ...; counted_end
# The words for results (is, like, ok, ...) are those of tests/host/lib.sh.
# shellcheck source=tests/host/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/host/lib.sh"

passed=0 failed=0 skipped=0 failures=()
pass() { echo "ok - $*" && passed=$((passed + 1)); }
fail_with() {
	echo "not ok - $1" && failed=$((failed + 1)) && failures+=("not ok - $1")
	[ $# -lt 2 ] || [ -z "$2" ] || { diag "$2" && failures+=("$(diag "$2" | head -n 4)"); }
	return 1
}
# skip REASON: where CI is set, nothing may be skipped.
skip() {
	if [ -n "${CI:-}" ]; then fail_with "not tested: $1"; else
		echo "ok - # SKIP $1" && skipped=$((skipped + 1))
	fi
}

# counted_end: the failures again, for whoever sees only the end; the last line, and the status. Nothing at all is a
# failure too.
counted_end() {
	[ "$failed" = 0 ] || printf '%s\n' '' 'What failed:' "${failures[@]}"
	printf '%s passed, %s failed' "$passed" "$failed"
	[ "$skipped" = 0 ] || printf ', %s skipped' "$skipped"
	echo
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
