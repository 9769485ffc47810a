# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whether our way is wanted, and how long each answer may take.
. ./lib.sh

wanted() { # DESCRIPTION STATUS SECONDS [MESSAGE]
	said=$(ephemeral_wanted 2>&1)
	is "wanted: $1" "$2" $?
	is "wanted: $1: after $3 s" "$3" "$(elapsed)"
	is "wanted: $1: message" "${4:-}" "$said"
}

for a in 0 1; do
	for b in 0 1; do
		no_disks
		disk xvda $a 2048
		disk xvdb $b 2048
		wanted "root ro=$a, private ro=$b" $((1 - a * b)) 0
	done
done

no_disks
disk xvdb 1 2048
echo '3 disk xvda 1 2048' >"$T/events"
wanted "private first, root after 3 s" 0 3

no_disks
disk xvda 1 2048
echo '29 disk xvdb 1 2048' >"$T/events"
wanted "private in the last second" 0 29

no_disks
disk xvda 1 2048
echo '2 disk xvdb 0 2048' >"$T/events"
wanted "a writable private that comes late" 1 2

no_disks
disk xvda 0 2048
wanted "a writable root decides alone" 1 0

no_disks
disk xvdb 0 2048
wanted "a writable private decides alone" 1 0

gone="leaving the disks alone"
no_disks
disk xvda 1 2048
wanted "no private, no list of frontends" 1 30 "xen-ephemeral: disk not found: xvdb; $gone"

no_disks
wanted "no disk at all" 1 30 "xen-ephemeral: disk not found: xvda xvdb; $gone"

no_disks
disk xvda 1 2048
vbd 51712 xvda
wanted "no private, and Xen has none for us" 1 10 "xen-ephemeral: disk not found: xvdb; $gone"

no_disks
disk xvda 1 2048
vbd 51712 xvda
vbd 51728
wanted "a private that never connects" 1 30 "xen-ephemeral: disk not found: xvdb; $gone"

no_disks
disk xvda 1 2048
vbd 51712 xvda
printf '%s\n' '8 vbd 51728' '25 vbd 51728 xvdb' '25 disk xvdb 1 2048' >"$T/events"
wanted "a private that is listed late and connects later" 0 25

no_disks
disk xvda 1 2048
vbd 51712 xvda
printf '%s\n' '8 vbd 51744' '9 vbd 51744 xvdc' '15 vbd 51728 xvdb' '15 disk xvdb 1 2048' >"$T/events"
wanted "each new frontend starts the count again" 0 15

no_disks
disk xvda 1 2048
export EPHEMERAL_TIMEOUT=5
wanted "the time is settable" 1 5 "xen-ephemeral: disk not found: xvdb; $gone"
EPHEMERAL_TIMEOUT=30

wait_disks() { # DESCRIPTION STATUS SECONDS [MESSAGE]
	said=$(ephemeral_wait_disks 2>&1)
	is "wait: $1" "$2" $?
	is "wait: $1: after $3 s" "$3" "$(elapsed)"
	is "wait: $1: message" "${4:-}" "$said"
}
missing="xen-ephemeral: cannot map the disks: disk not found:"

no_disks
disk xvda 1 2048
disk xvdb 1 2048
disk xvdc 0 2048
wait_disks "all there" 0 0

no_disks
disk xvda 1 2048
disk xvdb 1 2048
echo '7 disk xvdc 0 2048' >"$T/events"
wait_disks "xvdc after 7 s" 0 7

no_disks
disk xvda 1 2048
disk xvdb 1 2048
wait_disks "no xvdc" 1 30 "$missing xvdc (waited up to 30 s)"

vbd 51712 xvda
vbd 51728 xvdb
echo "100.00 1" >"$T/proc/uptime"
wait_disks "no xvdc, and Xen has none for us" 1 10 "$missing xvdc (waited up to 30 s)"

no_disks
disk xvdb 1 2048
wait_disks "names each that is missing" 1 30 "$missing xvda xvdc (waited up to 30 s)"

no_disks
disk xvda 1 2048
disk xvdb 1 2048
disk xvdc 0 2048
rm "$T/dev/xvdc"
wait_disks "in sysfs but without a node" 1 30 "$missing xvdc (waited up to 30 s)"

# The real clock's other sleep: one that takes no fractions.
no_disks
sleep() {
	case $1 in
	*.*) return 1 ;;
	esac
	read -r now rest <"$T/proc/uptime"
	echo "$((${now%.*} + $1)).50 $rest" >"$T/proc/uptime"
}
wait_disks "a sleep without fractions" 1 30 "$missing xvda xvdb xvdc (waited up to 30 s)"
echo end
