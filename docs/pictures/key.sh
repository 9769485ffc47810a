#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a key is, from its making to its end.
set -eu
# shellcheck source=docs/pictures/lib.sh
. "$(dirname "$0")/lib.sh"

begin 1040 492 "The life of a key" \
	"The device is armed before there is a key. The key is drawn into a locked page, entered into the kernel through a keyring of one thread, and wiped there after some milliseconds. From then on dm-crypt alone has it, until the last close of the device."
frame 16 16 642 452 "one short process: some milliseconds"
frame 674 16 170 452 "no process"
frame 860 16 164 452 "the end"

# stage X NAME NOTE...
stage() {
	x=$1
	shift
	box "$x" 58 144 104 "$@"
}
stage 30 "1  armed" "an empty device," "to be removed with" "its last user"
stage 186 "2  drawn" "64 random bytes" "in a page that is" "locked in memory"
stage 342 "3  entered" "a logon key of" "this thread alone;" "dm-crypt takes it"
stage 498 "4  forgotten" "key invalidated," "page wiped, vector" "registers too"
stage 687 "5  in use" "the domain runs," "for minutes" "or for months"
stage 870 "6  gone" "shutdown, crash," "destroy, wipe," "a killed toolstack"
for x in 174 330 486 642 831; do one_way write "M$x 110H$((x == 642 ? 686 : x == 831 ? 869 : x + 11))"; done

# Where it is: from which stage to which.
box -c key 186 190 456 40 "" "the locked page, until it is wiped"
box -c key 342 242 300 40 "" "the thread's keyring, until invalidated"
box -c key 342 294 490 40 "" "dm-crypt's key schedule, in the kernel's memory, cleared with the device"
box 30 346 802 40 "" "armed: whoever dies here, the kernel removes the device with its last user"
texts 860 190 164 144 "" "the kernel clears" "the schedule and frees" "the mapping, the loop" "device and the" "unnamed file;" "nothing has to run"
line "M30 404H1010"
note 30 426 "Never in an argument, the environment, xenstore, a file, a log, a pipe or a core dump."
note 30 448 "Nobody has to close anything, and there is nothing to be found at the next start."
end
