# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# What Xen's toolstack gives: arguments, XENBUS_PATH, the disk's nodes.
file root.img 4M

# usage NAME ARGUMENT...
usage() {
	local name=$1 said
	shift
	said=$(env XENBUS_PATH="$disk" "${under[@]}" "$program" "$@" 2>&1 </dev/null)
	is "$?, ${said%%:*}, $(node state)" "1, usage, 2" "$name"
}

new_vbd "$file" r
before=$(world)
usage "no argument"
usage "an unknown argument" attach
usage "an empty argument" ''
usage "one argument too many" add add
usage "a prefix of an argument" ad

# path NAME PATTERN COMMAND...: COMMAND sets XENBUS_PATH, or does not.
path() {
	local name=$1 pattern=$2
	shift 2
	for verb in add remove; do
		backend $verb "$@"
		like "$status $stderr" "^1 xen-ephemeral: $verb: cannot use XENBUS_PATH.*$pattern" \
			"XENBUS_PATH $name, $verb"
	done
}

path unset 'not set' env -u XENBUS_PATH
for bad in '' backend/vbd/7 backend/vbd/7/ /backend/vbd/7/51712 backend/vbd/../vbd/1/51712 \
	backend/vbd/1/../1/51712 backend/vbd/1/51712/ backend/vbd/01/51712 \
	backend/vbd/4294967296/51712 backend/vbd/1/4294967296 backend/vbd/18446744073709551617/51712 \
	backend/vif/1/51712 backend/vbd/-1/51712 backend/vbd/1/xvda; do
	path "\"$bad\"" 'not backend/vbd' env XENBUS_PATH="$bad"
done
path 'with a newline' 'not backend/vbd' env XENBUS_PATH=$'backend/vbd/1/51712\n'
is "$(wc -l <"$T/stderr")" 1 "a newline in it does not reach the log"
unchanged "$before" "no bad argument has done anything"

# v NAME PATTERN [NODE VALUE...]
v() {
	local name=$1 pattern=$2
	shift 2
	new_vbd "$file" r "$@"
	refused "$name" "$pattern"
}

v "frontend-id of another domain" 'frontend-id is not' frontend-id 99
v "frontend-id with a blank" 'frontend-id is not' frontend-id ' 1'
for state in 0 1 3 4 5 6 22 ''; do v "state \"$state\"" 'state is not 2' state "$state"; done

# without NODE: the disk lacks it.
without() {
	new_vbd "$file" r
	xen xenstore-rm "$disk/$1"
}
for name in frontend-id params mode; do
	without $name
	refused "no $name" "cannot read xenstore node $name"
done

without state
before=$(world)
add
is "$status" 1 "no state"
unchanged "$before" "no state: nothing is written into what is being removed"
is "$(node hotplug-error)$(node hotplug-status)" '' "no state: not even an error"

new_vbd "$file" r
destroy
before=$(xen xenstore-ls -f)
add
like "$status $stderr" '^1 .*there is no such disk' "no such disk"
is "$(xen xenstore-ls -f)" "$before" "no such disk: none is made"

# The one that is connected goes on as it was.
blkback never
new_vbd "$file" r physical-device 7:0 hotplug-status connected
before=$(world)
add
like "$(node hotplug-error)" 'has a physical-device already' "physical-device is there"
is "$status $(node hotplug-status)" "1 connected" "physical-device is there: its status stays"
unchanged "$before" "physical-device is there: nothing else changes"

# What others do between the first look at xenstore and the last.
between() { # NAME PATTERN COMMAND...
	local name=$1 pattern=$2
	shift 2
	new_vbd "volatile:dir=$T/files,size=4M" w
	interrupted xs_transaction_start "$@"
	like "$status $stderr" "^1 .*$pattern" "$name"
	nothing "$name: nothing is left"
}
between "closing meanwhile" 'its state is not 2' xen xenstore-write "backend/vbd/$((domid + 1))/51712/state" 5
between "connected meanwhile" 'has a physical-device already' \
	xen xenstore-write "backend/vbd/$((domid + 1))/51712/physical-device" 7:0
is "$(node physical-device)" 7:0 "connected meanwhile: the other's device stays"
between "removed meanwhile" 'it is gone' xen xenstore-rm "backend/vbd/$((domid + 1))/51712"
is "$(xenstore | grep "$disk")" '' "removed meanwhile: no node is made"

# A transaction that loses against another one is made again.
blkback open
new_vbd "volatile:dir=$T/files,size=4M" w
mark
interrupted "xs_transaction_end commit" xen xenstore-write "$disk/state" 2
is "$status $(events | grep -c '^xs_transaction_end commit')" "0 2" "a lost transaction is repeated"
