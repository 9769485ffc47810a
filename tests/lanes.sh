#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lanes.sh "TIER..." "TIER..."     runs make check-TIER for each: the tiers of a lane one after another, the two
#                                  lanes beside each other, since an emulated host keeps one core busy, not two
# Each line of output begins with its tier. A lane stops at its first tier that fails, the other goes on.
# In the end the last words of each tier that failed stand once more, and what did not run is named.
set -u
logs=$(mktemp -d)
lanes=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	# What make started is in the lane's own process group.
	for lane in "${lanes[@]}"; do kill -- "-$lane" 2>/dev/null; done
	rm -rf "$logs"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

lane() { # TIER...
	local tier begun
	set -o pipefail
	for tier; do
		begun=$SECONDS
		${LANES_MAKE:-make} --no-print-directory "check-$tier" 2>&1 </dev/null | tee "$logs/$tier" | sed -u "s/^/$tier: /"
		[ "$?" = 0 ] || return
		: >"$logs/$tier.passed"
		echo "$tier: passed in $((SECONDS - begun)) s"
	done
}

set -m
# shellcheck disable=SC2086 # one word a tier
{
	lane $1 &
	lanes+=($!)
	lane $2 &
	lanes+=($!)
	set -- $1 $2
}
wait
lanes=() status=0
for tier; do
	[ -e "$logs/$tier.passed" ] && continue
	status=1
	if [ -e "$logs/$tier" ]; then
		tail -n 60 "$logs/$tier" | sed "s/^/$tier: /"
		echo "check: $tier failed"
	else
		echo "check: $tier did not run"
	fi
done
exit $status
