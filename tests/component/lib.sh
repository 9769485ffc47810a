# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh TEST: gives a test its own xenstored, its own blkback and an empty folder $T, and runs it.
#
# The words for results (is, like, ok, ...) are those of tests/host/lib.sh.
# shellcheck disable=SC2034 # what is set here is used by the tests
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/host/lib.sh
. "$here/../host/lib.sh"

program=$BUILD/xen-ephemeral-block
T=$(mktemp -d)
export SHIM=$T/shim XENSTORED_RUNDIR=$T/xenstored XENSTORED_PATH=$T/xenstored/socket
processes=()

# VALGRIND=1 runs the program in valgrind, which writes what it finds wrong and nothing else. What kills
# the program keeps it from looking for leaks, so the definite ones of all other runs count.
under=()
[ -z "${VALGRIND:-}" ] || under=(valgrind -q --sim-hints=lax-ioctls --log-file="$T/valgrind.%p" --error-exitcode=99
	--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite)

valgrind_found() { cat "$T"/valgrind.[0-9]* 2>/dev/null; }

cleanup() {
	stop "${processes[@]}"
	release
	umount -l "$T"
	rmdir "$T"
}

# What a test that failed may have left: nothing of it may reach the machine.
release() {
	local map
	for map in "$SHIM"/maps/*; do
		[ -e "$map" ] || continue
		losetup -d "/dev/dm-$(cut -d' ' -f1 "$map")" 2>/dev/null
	done
	losetup -l -n -O NAME,BACK-FILE | sed -n "s|^\(/dev/loop[0-9]*\) *$T/.*|\1|p" |
		xargs -r -n 1 losetup -d
	"$BUILD/tests/component/blkback" --remove-loops "$SHIM_BASE"
}

xen() { # PROGRAM ARGUMENT...: one of the unpacked ones, with the libraries that it was built with
	local tool=$1
	shift
	LD_LIBRARY_PATH=$XEN/usr/lib/x86_64-linux-gnu "$XEN/usr/bin/$tool" "$@"
}

# background LOG COMMAND...: sets $pid; it inherits nothing that would keep the runner waiting.
background() {
	local log=$1
	shift
	"$@" </dev/null >>"$log" 2>&1 &
	pid=$!
	processes+=("$pid")
}

# stop PID...: at once, and without bash's word about it.
stop() {
	{
		kill -KILL "$@"
		wait "$@"
	} 2>/dev/null
}

start_xenstored() {
	rm -f "$XENSTORED_PATH"
	background "$T/xenstored/log" env LD_LIBRARY_PATH="$XEN/usr/lib/x86_64-linux-gnu" \
		LD_PRELOAD="$BUILD/tests/component/xenstored-shim.so" "$XEN/xenstored" -N -R
	xenstored_pid=$pid
	wait_for 20 xen xenstore-read / || bail "xenstored does not start: $(cat "$T/xenstored/log")"
}

start_blkback() {
	rm -f "$T/blkback"
	background "$T/blkback.log" "$BUILD/tests/component/blkback" "$T"
	blkback_pid=$pid
	wait_for 20 test -e "$T/blkback" || bail "blkback does not start: $(cat "$T/blkback.log")"
}

# blkback WORD: how it behaves from now on; see blkback.c.
blkback() {
	echo "$1" >"$T/behaviour"
}

restart_xen() {
	stop "$xenstored_pid" "$blkback_pid"
	rm -rf /sys/bus/xen-backend/devices/*
	start_xenstored
	start_blkback
}

# vbd DOMID DEVID PARAMS MODE [NODE VALUE...]: what libxl and blkback have written when add is run.
vbd() {
	local dir=backend/vbd/$1/$2
	disk=$dir
	xen xenstore-write "$dir/frontend" "/local/domain/$1/device/vbd/$2" "$dir/frontend-id" "$1" \
		"$dir/online" 1 "$dir/dev" xvda "$dir/type" phy "$dir/device-type" disk \
		"$dir/mode" "$4" "$dir/params" "$3" "$dir/state" 2
	shift 4
	while [ $# -gt 0 ]; do
		xen xenstore-write "$dir/$1" "$2"
		shift 2
	done
}

# new_vbd PARAMS MODE [NODE VALUE...]: a disk of a domain that nothing has been done with yet.
domid=$SHIM_BASE # so that no two tests have the same at the same time
new_vbd() {
	domid=$((domid + 1))
	vbd "$domid" 51712 "$@"
}

node() { xen xenstore-read "$disk/$1" 2>/dev/null; }

# destroy [DISK]: the toolstack's end of a disk, upon which blkback closes it.
destroy() { xen xenstore-rm "${1:-$disk}"; }

# backend VERB [COMMAND...]: runs the program for $disk, behind COMMAND; sets $status, $stderr.
backend() {
	local verb=$1
	shift
	# Bash says it when a signal ends the program; that belongs to the test.
	{
		env XENBUS_PATH="$disk" LD_PRELOAD="$BUILD/tests/component/dm-shim.so" "$@" \
			"${under[@]}" "$program" "$verb" </dev/null >"$T/stdout" 2>"$T/stderr"
		status=$?
	} 2>/dev/null
	stderr=$(cat "$T/stderr")
}

add() { backend add "$@"; }

remove() { backend remove "$@"; }

# mark: the log of events starts here. events: what it says since.
mark() { : >"$SHIM/log"; }

events() { cat "$SHIM/log"; }

loops() {
	local entry number file
	for entry in /sys/block/loop*/loop/backing_file; do
		number=${entry#/sys/block/loop} number=${number%%/*}
		read -r file <"$entry" 2>/dev/null || continue
		if [[ $file == "$T"/* ]] || ((number >= SHIM_BASE && number < SHIM_BASE + 64)); then
			echo "loop $number $file"
		fi
	done 2>/dev/null
	return 0
}

# Which devices stand. One that the kernel has taken away is known by its loop device only.
maps() {
	local map number pid uuid kind sectors
	for map in "$SHIM"/maps/*; do
		[ -e "$map" ] || continue
		read -r number pid uuid kind sectors <"$map" || continue
		if [ "$kind" = none ] || [ "$kind" = error ] ||
			{ [ "$kind" = armed ] && [ -d "/proc/$pid" ]; } ||
			[ -e "/sys/block/loop$number/loop/backing_file" ]; then
			echo "map ${map##*/} $number $uuid $kind $sectors"
		fi
	done
	return 0
}

# What xenstore holds but for the two nodes in which a failure is told, and but for a domain's folder
# that has no disk in it.
xenstore() {
	xen xenstore-ls -f | grep -v -e '/hotplug-\(error\|status\) = ' -e '/backend/vbd/[0-9]* = ""$'
}

# The keys of the disk at hand, if there is one yet: /proc/keys shows those of tests at the same time too.
keys() {
	[ -n "${disk:-}" ] || return 0
	local name=${disk#backend/vbd/}
	sed -n "s/.* logon *\(xeneph:xeneph-${name/\//-}[^ ]*\).*/\1/p" /proc/keys
}

# All that an attach can leave behind, but for keys: those of tests at the same time are seen too.
world() {
	loops
	maps
	xenstore
	find "$T/files" | sort
	ls /sys/bus/xen-backend/devices
}

# Closing goes on in the kernel after the process has ended; a key of another test lives for a moment.
world_is() { [ "$(world)" = "$1" ] && [ -z "$(keys)" ]; }

nothing_left() { [ -z "$(loops && maps && keys)" ]; }

no_keys() { [ -z "$(keys)" ]; }

# keyless NAME: none is left of the disk. One that was invalidated stands in /proc/keys until the kernel's own thread
# has wiped it.
keyless() {
	wait_for 10 no_keys
	is "$(keys)" '' "$1"
}

no_maps() { [ -z "$(maps)" ]; }

# nothing NAME: no loop device, mapping or key is left of this test.
nothing() {
	if wait_for 10 nothing_left; then pass "$1"; else fail_with "$1" "$(loops && maps && keys)"; fi
}

# unchanged BEFORE NAME: nothing has been left.
unchanged() {
	if wait_for 10 world_is "$1"; then
		pass "$2"
	else
		fail_with "$2" "$(diff <(echo "$1") <(world))"
	fi
}

# stopped PID: it has come to its SHIM_STOP.
stopped() { grep -q '^State:.T' "/proc/$1/status"; }

# interrupted EVENT COMMAND...: add, behind the command $behind, stopped before the first EVENT while
# COMMAND is run.
behind=()
interrupted() {
	local event=$1
	shift
	env XENBUS_PATH="$disk" LD_PRELOAD="$BUILD/tests/component/dm-shim.so" SHIM_STOP="$event" \
		"${behind[@]}" "${under[@]}" "$program" add </dev/null >"$T/stdout" 2>"$T/stderr" &
	adding=$!
	wait_for 20 stopped "$adding" || fail_with "add comes to $event" "$(cat "$T/stderr")"
	"$@"
	kill -CONT "$adding"
	wait "$adding"
	status=$?
	stderr=$(cat "$T/stderr")
}

# What a guest could learn from the text: a path of this host, or a device of it.
gives_away() { [[ $1 == *"$T"* || $1 == *shim* || $1 =~ /dev/(loop|dm-|mapper)[0-9a-z-] ]]; }

# refusal PATTERN: all that is wrong with how the last add failed.
refusal() {
	local told
	told=$(node hotplug-error)
	[ "$status" = 1 ] || echo "status $status"
	[[ $told =~ $1 ]] || echo "hotplug-error: $told; wanted: $1"
	! gives_away "$told" || echo "a guest may not read that: $told"
	[[ $told == "xen-ephemeral: disk ${disk##*/} of domain "* ]] || echo "no disk named: $told"
	[ "$(node hotplug-status)" = error ] || echo "hotplug-status: $(node hotplug-status)"
	[[ $stderr =~ ^xen-ephemeral:\ add:.*$1 ]] || echo "stderr: $stderr"
	[ "$(wc -l <"$T/stderr")" = 1 ] || echo "stderr has other than 1 line"
	[ ! -s "$T/stdout" ] || echo "stdout: $(cat "$T/stdout")"
	wait_for 5 grep -qF "${stderr#xen-ephemeral: }" "$T/syslog" || echo "not in syslog"
}

# refused NAME PATTERN [COMMAND...]: add, for the disk that was made last, fails with a hotplug-error
# like PATTERN and leaves nothing.
refused() {
	local name=$1 pattern=$2 before wrong
	shift 2
	before=$(world)
	add "$@"
	wrong=$(refusal "$pattern")
	wait_for 10 world_is "$before" ||
		wrong+=$'\n'"left: $(diff <(echo "$before") <(world))"
	if [ -z "$wrong" ]; then pass "$name"; else fail_with "$name" "$wrong"; fi
}

# accepted NAME [COMMAND...]: add succeeds and blkback has the disk.
accepted() {
	local name=$1
	shift
	add "$@"
	if [ "$status" = 0 ] && [ -z "$stderr" ] && [ "$(node hotplug-status)" = connected ] &&
		[ -n "$(node physical-device)" ] && [ -z "$(node hotplug-error)" ]; then
		pass "$name"
	else
		fail_with "$name" "status $status, $stderr, $(node hotplug-error)"
	fi
}

# file NAME SIZE: a file of zeros in $T/files. Sets $file.
file() {
	file=$T/files/$1
	truncate -s "$2" "$file"
}

# loop_over FILE [OPTION...]: sets $loop.
loop_over() {
	loop=$(losetup -f --show "${@:2}" "$1") || bail "losetup fails"
}

# loop_end DEVICE: and its file is free again. Whoever has the device open at that moment, such as udev, keeps it.
loop_end() {
	losetup -d "$1"
	loop_gone() { [ ! -e "/sys/block/${1#/dev/}/loop/backing_file" ]; }
	wait_for 10 loop_gone "$1" || fail_with "losetup -d $1" "something keeps it"
}

# holding MODE FILE COMMAND...: with FILE open ("<", ">>" or "<>") meanwhile, in another process.
holding() {
	local mode=$1 path=$2 holder
	shift 2
	# shellcheck disable=SC2217 # it is there to hold what it never reads
	case $mode in
	'<') sleep 600 <"$path" & ;;
	'>>') sleep 600 >>"$path" & ;;
	'<>') sleep 600 5<>"$path" & ;;
	esac
	holder=$!
	held() { find -L "/proc/$holder/fd" -samefile "$path" | grep -q .; }
	wait_for 20 held || fail_with "a program that has $path open"
	"$@"
	kill "$holder"
	wait "$holder" 2>/dev/null
}

# A /dev in which a test may put nodes. A loop device appears in it as soon as the kernel has it,
# since the number is all that counts.
make_dev() {
	local i
	mount -t tmpfs -o mode=755 tmpfs /dev
	mknod -m 666 /dev/null c 1 3
	mknod -m 666 /dev/zero c 1 5
	mknod -m 666 /dev/full c 1 7
	mknod -m 666 /dev/random c 1 8
	mknod -m 666 /dev/urandom c 1 9
	mknod /dev/loop-control c 10 237
	ln -s /proc/self/fd /dev/fd
	for ((i = 0; i < 64; i++)); do mknod "/dev/loop$i" b 7 "$i"; done
	mkdir /dev/mapper
}

mount -t tmpfs -o size=512M tmpfs "$T" || exit 1
trap cleanup EXIT
mkdir "$T/files" "$T/shim" "$T/shim/maps" "$T/xenstored"
mount -t tmpfs -o mode=755 tmpfs /sys/bus && mkdir -p /sys/bus/xen-backend/devices
make_dev
start_xenstored
start_blkback
xen xenstore-write backend/vbd ''
# shellcheck source=/dev/null
. "$1"
[ -z "${VALGRIND:-}" ] || is "$(valgrind_found)" '' "valgrind finds nothing wrong"
echo end
