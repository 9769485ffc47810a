# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by each test: a world of its own below $T, with a fake sysfs, clock and /dev, and the
# step loaded on top of it. Nothing here touches a disk of this machine.

T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
export EPHEMERAL_SYS="$T/sys" EPHEMERAL_PROC="$T/proc" EPHEMERAL_DEV="$T/dev"
mkdir "$T/proc" "$T/bin"
# shellcheck source=guest/ephemeral-disks.sh
. ../../guest/ephemeral-disks.sh
# shellcheck source=guest/ephemeral-hook.sh
. ../../guest/ephemeral-hook.sh

# The clock moves only here, one second a sleep; then what the test has planned for that second
# happens: lines "SECOND COMMAND" in $T/events, seconds counted from the start.
sleep() {
	read -r now rest <"$T/proc/uptime"
	now=$((${now%.*} + 1))
	echo "$now.50 $rest" >"$T/proc/uptime"
	[ ! -s "$T/events" ] || while read -r second event; do
		[ $((100 + second)) != "$now" ] || eval "$event"
	done <"$T/events"
}

# This machine's udev has nothing to do with it.
udevadm() {
	:
}

elapsed() {
	read -r now rest <"$T/proc/uptime"
	echo $((${now%.*} - 100))
}

ok() { # DESCRIPTION COMMAND...
	description=$1
	shift
	if "$@"; then printf 'ok - %s\n' "$description"; else printf 'not ok - %s\n' "$description"; fi
}

is() { # DESCRIPTION WANTED GOT
	if [ "$2" = "$3" ]; then
		printf 'ok - %s\n' "$1"
	else
		printf 'not ok - %s\n' "$1"
		printf 'wanted: %s\ngot:    %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

# like DESCRIPTION PATTERN GOT: PATTERN is the shell's.
like() {
	# shellcheck disable=SC2254 # a pattern is what is meant
	case $3 in
	$2) printf 'ok - %s\n' "$1" ;;
	*) is "$1" "$2" "$3" ;;
	esac
}

status() { # COMMAND...: prints its exit status
	"$@" >/dev/null 2>&1
	echo $?
}

# node NAME: something that is a block device, under $T/dev. Without root, a link to any of this
# machine's; no test opens it.
node() {
	rm -f "$T/dev/$1"
	command mknod "$T/dev/$1" b 7 250 2>/dev/null && return
	for any in /dev/* /dev/mapper/*; do
		[ ! -b "$any" ] || { ln -s "$any" "$T/dev/$1" && return; }
	done
	echo "not ok - a block device to link to"
}

# disk NAME RO SECTORS: appears in sysfs and /dev, as Xen's frontend makes it.
disk() {
	mkdir -p "$T/sys/class/block/$1"
	echo "$2" >"$T/sys/class/block/$1/ro"
	echo "$3" >"$T/sys/class/block/$1/size"
	node "$1"
}

# mapping NAME NUMBER: appears in sysfs, as device-mapper makes it.
mapping() {
	mkdir -p "$T/sys/class/block/dm-$2/dm"
	echo "$1" >"$T/sys/class/block/dm-$2/dm/name"
	echo "254:$2" >"$T/sys/class/block/dm-$2/dev"
}

# vbd NUMBER [NAME]: a frontend that Xen has given the domain; with a name, already a disk.
vbd() {
	mkdir -p "$T/sys/bus/xen/devices/vbd-$1${2:+/block/$2}"
}

no_disks() {
	rm -rf "${T:?}/sys" "${T:?}/dev"
	mkdir -p "$T/sys/class/block" "$T/sys/bus/xen/devices" "$T/dev"
	echo "100.50 90.00" >"$T/proc/uptime"
	: >"$T/events"
}

no_disks
