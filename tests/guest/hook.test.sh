# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The step as a hook of a distribution's initramfs: when it acts, what root= means, how it ends a boot.
#
# shellcheck disable=SC2317,SC2031 # functions that the step calls
. ./lib.sh
EPHEMERAL_RUN=$T/run

domain() { # DESCRIPTION STATUS [TYPE UUID]
	rm -rf "${T:?}/sys/hypervisor"
	[ -z "${3:-}" ] || mkdir -p "$T/sys/hypervisor"
	[ -z "${3:-}" ] || echo "$3" >"$T/sys/hypervisor/type"
	[ -z "${4:-}" ] || echo "$4" >"$T/sys/hypervisor/uuid"
	is "domain: $1" "$2" "$(status ephemeral_domain)"
}
domain "no hypervisor, a bus without devices" 1
domain "a domain" 0 xen 01234567-0000-0000-0000-000000000000
domain "dom0" 1 xen 00000000-0000-0000-0000-000000000000
domain "another hypervisor" 1 kvm
vbd 51712
domain "a kernel that does not say, with a disk of Xen's" 0
domain "dom0 with a disk" 1 xen 00000000-0000-0000-0000-000000000000

parameter() { # LINE NAME WANTED
	printf '%s' "$1" >"$T/proc/cmdline"
	is "parameter: $2 in '$1'" "$3" "$(ephemeral_parameter "$2")"
}
parameter 'quiet root=/dev/xvda ro' root /dev/xvda
parameter 'root=a root=UUID=b
' root UUID=b
parameter 'xroot=a rootflags=b' root ''
parameter 'root=* x' root '*'
parameter '' root ''

no_disks
mkdir -p "$T/dev/disk/by-uuid" "$T/dev/disk/by-label" "$T/dev/disk/by-partuuid"
ln -s ../../xvda "$T/dev/disk/by-uuid/U-1"
ln -s ../../xvda2 "$T/dev/disk/by-label/root"
ln -s ../../xvda3 "$T/dev/disk/by-partuuid/p-1"
ln -s ../../xvdb "$T/dev/disk/by-label/home"
named() { # ROOT STATUS WANTED
	echo "100.50 90.00" >"$T/proc/uptime"
	said=$(ephemeral_named "$1" 2>&1)
	is "root=$1: status" "$2" $?
	is "root=$1" "$3" "$said"
}
for self in '' block:/dev/xvda /dev/xvda /dev/mapper/dmroot UUID=U-1 block:/dev/disk/by-uuid/U-1; do
	named "$self" 0 ''
done
named /dev/xvda1 0 xvda1
named block:/dev/xvda12 0 xvda12
named LABEL=root 0 xvda2
named PARTUUID=p-1 0 xvda3
for other in /dev/sda1 LABEL=home LABEL=none PARTLABEL=x /dev/mapper/vg-root xvda /dev/xvdb; do
	named "$other" 1 "xen-ephemeral: cannot find the root: $other is not on xvda"
done
named LABEL=none 1 "xen-ephemeral: cannot find the root: LABEL=none is not on xvda"
is "root=LABEL=none: waited in bounded time" 30 "$(elapsed)"

echo stock >"$T/stock"
ephemeral_retire "$T/stock" "$T/none"*
is "retire: a stock step does nothing any more" "0 " "$(sh "$T/stock"; echo $? "$stock")"
ok "retire: no file is made" test ! -e "$T/none*"

# The whole first half, its parts played.
ephemeral_load() { :; }
ephemeral_map() { echo "map root=$EPHEMERAL_ROOT timeout=$EPHEMERAL_TIMEOUT" >>"$T/log" && [ "$map" = 0 ]; }
ephemeral_stop() { echo stopped >>"$T/log" && exit 9; }
swapon() { echo "swapon ${1##*/}" >>"$T/log"; }
begin() { # DESCRIPTION A B MAP STATUS LOG
	no_disks
	rm -rf "$T/run"
	mkdir -p "$T/run/udev" "$T/sys/hypervisor"
	echo xen >"$T/sys/hypervisor/type"
	[ -z "$2" ] || disk xvda "$2" 2048
	[ -z "$3" ] || disk xvdb "$3" 2048
	vbd 51712 xvda
	: >"$T/log"
	map=$4
	(ephemeral_begin "$root" >/dev/null 2>&1)
	is "begin: $1: status" "$5" $?
	is "begin: $1: what was done" "$6" "$(tr '\n' ' ' <"$T/log" | sed 's/ $//')"
	is "begin: $1: begun" "$([ "$5" = 0 ] && echo 0 || echo 1)" "$(status ephemeral_begun)"
}
echo 'quiet ephemeral.timeout=7' >"$T/proc/cmdline"
root=/dev/xvda2
begin "both read-only" 1 1 0 0 "map root=xvda2 timeout=7 swapon xvdc1"
ok "begin: rules for the udev that runs" test -s "$T/run/udev/rules.d/99-zz-xen-ephemeral.rules"
begin "a writable root" 0 1 0 1 ""
begin "a writable private disk" 1 0 0 1 ""
begin "both writable" 0 0 0 1 ""
begin "no private disk" 1 "" 0 1 ""
ok "begin: no private disk: no rules" test ! -e "$T/run/udev/rules.d"
begin "a failure ends the boot" 1 1 1 9 "map root=xvda2 timeout=7 stopped"
root=/dev/sda
begin "root= is not on xvda" 1 1 0 9 "stopped"
echo 'ephemeral.timeout=x' >"$T/proc/cmdline"
root=
begin "a timeout that is no number" 1 1 0 0 "map root= timeout=30 swapon xvdc1"

mount() { echo "mount $*" | sed "s#$T##g" >>"$T/log" && [ "$2" != "$refuse" ]; }
ephemeral_adapt() { echo adapt >>"$T/log" && [ "$refuse" != adapt ]; }
finish() { # DESCRIPTION MODE REFUSED STATUS LOG
	echo "/dev/mapper/dmroot $T/root ext4 $2,relatime 0 0" >"$T/proc/mounts"
	: >"$T/log"
	refuse=$3
	(ephemeral_finish "$T/root" >/dev/null 2>&1)
	is "finish: $1: status" "$4" $?
	is "finish: $1: what was done" "$5" "$(tr '\n' ' ' <"$T/log" | sed 's/ $//')"
}
rw="mount -o remount,rw /dev/mapper/dmroot /root"
ro="mount -o remount,ro /dev/mapper/dmroot /root"
finish "a read-only root" ro none 0 "$rw adapt $ro"
finish "a writable root" rw none 0 "$rw adapt"
finish "not to be made writable" ro remount,rw 9 "$rw stopped"
finish "not to be adapted" ro adapt 9 "$rw adapt stopped"
finish "not to be made read-only" ro remount,ro 9 "$rw adapt $ro stopped"
echo end
