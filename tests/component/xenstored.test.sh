# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# A xenstored that is not there, goes away, or does not answer.
volatile=volatile:dir=$T/files,size=4M

stop_xenstored() { stop "$xenstored_pid"; }

for at in reload resume xs_transaction_start "xs_write" "xs_transaction_end"; do
	new_vbd "$volatile" w
	SECONDS=0
	interrupted "$at" stop_xenstored
	like "$status $stderr" '^1 xen-ephemeral: add: .*xenstored went away' "killed at $at"
	ok "killed at $at: said at once" test "$SECONDS" -lt 15
	nothing "killed at $at: nothing is left"
	restart_xen
done

blkback never
new_vbd "$volatile" w
background "$T/killed" env XENBUS_PATH="$disk" LD_PRELOAD="$BUILD/tests/component/dm-shim.so" \
	"${under[@]}" "$program" add
adding=$pid
wait_for 20 node physical-device
stop_xenstored
wait "$adding"
like "$? $(cat "$T/killed")" '^1 .*xenstored went away' "killed while add waits for blkback"
nothing "killed while add waits for blkback: nothing is left"
blkback open
restart_xen

# It stands still: neither libxenstore nor a signal mask that was inherited may keep add there.
new_vbd "$volatile" w
kill -STOP "$xenstored_pid"
SECONDS=0
add env --ignore-signal=ALRM,USR1,TERM --block-signal=ALRM,USR1,TERM
kill -CONT "$xenstored_pid"
like "$status $stderr" '^1 .*gave up, no answer in time while (reading|connecting)' "stopped"
ok "stopped: given up after some 30 s" test "$SECONDS" -ge 28 -a "$SECONDS" -le 35
nothing "stopped: nothing is left"

# Half way: the mapping is there, and the kernel takes it back.
new_vbd "$volatile" w
SECONDS=0
interrupted xs_transaction_start kill -STOP "$xenstored_pid"
kill -CONT "$xenstored_pid"
like "$status $stderr" '^1 .*gave up, no answer in time while writing' "stopped half way"
ok "stopped half way: given up after some 30 s" test "$SECONDS" -ge 28 -a "$SECONDS" -le 36
nothing "stopped half way: nothing is left"

# remove needs none, but for a stubdomain's disk.
new_vbd "$volatile" w
accepted "a disk before xenstored goes"
stop_xenstored
remove
is "$status" 0 "remove without xenstored"
stop "$blkback_pid"
nothing "remove without xenstored, once blkback has closed it: nothing is left"
new_vbd "$volatile" w 2>/dev/null
add
like "$status $stderr" '^1 .*cannot connect to xenstore.*is xenstored running' "add without xenstored"
nothing "add without xenstored: nothing is left"
