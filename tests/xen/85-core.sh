#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# A core dump of `add` with its key in hand, as the kernel would write one, has no piece of the key; and
# the kernel writes none.
. /tests/lib.sh
. /tests/lib-disks.sh
pieces=/usr/lib/xen-ephemeral-tests/pieces
target="volatile:dir=$PWD,size=16M"
before=$(host_state)

# debugged DOMID COMMAND...: gdb's commands on an `add` that stops where the key goes to the kernel.
# The log of it all is in gdb.log.
debugged() {
	local domid=$1 command commands=()
	shift
	vbd_make "$domid" $xvdc w "$target"
	# Its deadline is of no use to it here: the time in which it stands still counts.
	for command in 'set confirm off' 'set pagination off' 'handle SIGALRM nostop noprint nopass' \
		'break key_enter' run 'dump binary memory key key->bytes key->bytes+64' "$@"; do
		commands+=(-ex "$command")
	done
	XENBUS_PATH=$(vbd_path "$domid" $xvdc) timeout $((100 * ${PATIENCE:-1})) gdb -nx -batch "${commands[@]}" \
		--args "$backend" add >gdb.log 2>&1 </dev/null
	vbd_run remove "$domid" $xvdc
	vbd_drop "$domid" $xvdc
	[ -s key ] && echo "key $(od -An -v -tx1 key | tr -d ' \n')" >keys && return
	diag <gdb.log
	bail "gdb did not stop where the key is"
}

# pieces_in FILE: the places in it with 16 bytes of the key or more.
pieces_in() {
	[ -s "$1" ] || { echo "no such dump" && return; }
	"$pieces" "$1" keys
}

# gdb reads /proc/PID/coredump_filter and leaves out what the kernel would (VM_DONTDUMP).
as_kernel='set dump-excluded-mappings off'
all='set dump-excluded-mappings on'
debugged 60 'set use-coredump-filter on' "$as_kernel" 'generate-core-file entered' "$all" \
	'generate-core-file entered.all' 'break mapping_load' continue "$as_kernel" \
	'generate-core-file loading' 'break key_forget' continue "$as_kernel" 'generate-core-file forgetting' \
	finish "$all" 'generate-core-file forgotten.all' continue
is "$(pieces_in entered)" "" "before the key goes to the kernel a core has no piece of it"
like "$(pieces_in entered.all)" "piece key 0 64 " "control: with the memory that is excluded it has all"
is "$(pieces_in loading)" "" "before the table is loaded it has none"
is "$(pieces_in forgetting)" "" "nor before the key is wiped"
is "$(pieces_in forgotten.all)" "" "after that there is none in all of the process's memory and registers"
like "$(cat gdb.log)" "exited normally" "this add then succeeds"

debugged 61 'print "limit"' 'shell grep "Max core" /proc/$(pidof xen-ephemeral-block)/limits' \
	'printf "dumpable %d\n", (int)prctl(3, 0, 0, 0, 0)' continue
like "$(cat gdb.log)" "Max core file size +0 +0 " "the limit for core dumps is 0"
like "$(cat gdb.log)" "dumpable 0" "and the process is not dumpable"

# What the kernel does, for a file and for a pipe. The control is a process like any other.
cat >catch <<'X'
#!/bin/sh
exec cat >"$1"
X
chmod 755 catch
pattern=$(cat /proc/sys/kernel/core_pattern)
crash() { (ulimit -c unlimited && exec sh -c "kill -$1 \$\$") 2>/dev/null; }
try() { # NAME PATTERN
	echo "$2" >/proc/sys/kernel/core_pattern
	for signal in SEGV ABRT; do
		rm -f core.*
		crash "$signal"
		ok "control: $1 with SIG$signal: an ordinary process's core is written" \
			wait_for 5 test -s core.sh
		rm -f core.*
		debugged 62 "signal SIG$signal"
		like "$(cat gdb.log)" "terminated with signal SIG$signal" "$1: add ends with SIG$signal"
		sleep 1
		is "$(echo core.*)" "core.*" "$1: no core of it is written"
	done
}
try "a file" "$PWD/core.%e"
try "a pipe" "|$PWD/catch $PWD/core.%e"
echo "$pattern" >/proc/sys/kernel/core_pattern
nothing_left "in the end" "$before"
