#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# One process: after the script's own there is one execve, and no fork.
. /tests/lib.sh
. /tests/lib-disks.sh

traced() { # VERB DOMID
	XENBUS_PATH=$(vbd_path "$2" $xvdc) strace -f -o "trace.$1" \
		-e trace=execve,execveat,fork,vfork,clone,clone3 "$hotplug" "$1"
}

before=$(host_state)
vbd_make 50 $xvdc w "volatile:dir=$PWD,size=16M"
ok "add, traced" traced add 50
is "$(grep -c 'execve(' trace.add)" 2 "add: the script's execve and one more"
is "$(grep -cE 'fork|clone' trace.add)" 0 "add: no fork, no thread"
like "$(sed -n 2p trace.add)" "xen-ephemeral-block\", \[[^,]*, \"add\"\]" "add: of the backend"
vbd_drop 50 $xvdc
ok "remove, traced" traced remove 50
is "$(grep -c 'execve(' trace.remove)" 2 "remove: the script's execve and one more"
is "$(grep -cE 'fork|clone' trace.remove)" 0 "remove: no fork, no thread"

vbd_make 50 $xvda r "$PWD/trace.add"
XENBUS_PATH=$(vbd_path 50 $xvda) strace -f -o trace.ro -e trace=execve,fork,vfork,clone,clone3 \
	"$hotplug" add
is "$(wc -l <trace.ro)" 3 "a read-only add: two execve and the exit"
vbd_drop 50 $xvda
nothing_left "in the end" "$before"
