# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What measures on the emulated host: . /tests/lib.sh; . /tests/lib-disks.sh; . /tests/bench/lib.sh
# Every line of output that starts with "sample " or "machine " is for tests/bench/report, the others are for who
# waits.
#   sample GROUP NAME UNIT VALUE      machine KEY: VALUE...

rounds=${ROUNDS:-7}
group=$(basename "$0" .sh)
programs=/usr/lib/xen-ephemeral-tests

# sample NAME UNIT VALUE. Round 0 is not counted: it reads the programs from disk, and makes the first loop device.
sample() { [ "${round:-1}" = 0 ] || echo "sample $group $1 $2 $3"; }

machine() { echo "machine $*"; } # KEY: VALUE...

progress() { echo "$group: $*"; }

give_up() {
	echo "$group: failed: $*"
	exit 1
}

# measure NAME COMMAND...: two samples: its milliseconds, and those of processor time that it and its children had.
# None, and its status, when it fails.
measure() {
	local label=$1 start end user system status TIMEFORMAT='%3U %3S'
	shift
	start=${EPOCHREALTIME/./}
	# Not in a process of its own: its start would be measured too.
	{ time "$@" >output 2>&1; } 2>processor
	status=$?
	end=${EPOCHREALTIME/./}
	[ "$status" = 0 ] || return "$status"
	read -r user system <processor
	sample "$label" ms "$(((end - start) / 1000)).$(printf '%03d' $(((end - start) % 1000)))"
	sample "$label" cpu-ms $((10#${user/./} + 10#${system/./}))
}

# timed NAME COMMAND...: the same, of what must not fail.
timed() { measure "$@" || { cat output && give_up "$*"; }; }

# What udev has still to do for the last device would run beside what is measured next.
calm() { udevadm settle --timeout=300 || give_up "udev does not come to an end"; }

# script NAME add|remove DOMID DEVID: a hotplug script, as libxl runs it.
script() {
	XENBUS_TYPE=vbd XENBUS_BASE_PATH=backend XENBUS_PATH=backend/vbd/$3/$4 script=/etc/xen/scripts/$1 \
		"/etc/xen/scripts/$1" "$2"
}

# vbd_unplug DOMID DEVID: the frontend goes, and blkback lets the device go. The backend's nodes stay: libxl
# takes them away after the script's remove.
vbd_unplug() {
	xenstore-rm "/local/domain/$1/device/vbd/$2"
	vbd_closed() { [ ! -e "/sys/bus/xen-backend/devices/vbd-$1-$2" ]; }
	wait_for 20 vbd_closed "$1" "$2" || give_up "blkback keeps vbd $1/$2"
}

# vbd_forget DOMID: nothing of it is left in xenstore.
vbd_forget() {
	xenstore-rm "/local/domain/$1" "/local/domain/0/backend/vbd/$1"
}

# udev_off, udev_on: on an emulated host udev would look for minutes at devices whose making is not measured. Where systemd
# runs it, it is left alone.
udev_off() { [ -d /run/systemd/system ] || udevadm control --exit --timeout=300 || give_up "udev does not end"; }
udev_on() { [ -d /run/systemd/system ] || /lib/systemd/systemd-udevd --daemon 2>/dev/null || give_up "udev does not start"; }

# hold COUNT DOMID: that many ephemeral disks of 16 MiB, in use; made in one process (disks.c), since it is not what is
# measured. Of domains from DOMID on.
hold() {
	udev_off
	coproc holder { exec "$programs/disks" "$1" "volatile:dir=$PWD,size=16M" "$2" 2>holder.err; }
	read -r _ <&"${holder[0]}" || { cat holder.err && give_up "$1 disks"; }
	holder_in=${holder[1]} holder_pid=$!
	udev_on
	calm
}

# release: they go.
release() {
	udev_off
	eval "exec $holder_in>&-"
	wait "$holder_pid" 2>/dev/null
	udev_on
	calm
}
