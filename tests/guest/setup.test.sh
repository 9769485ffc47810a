# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The whole step, with the programs that need a kernel's help played by functions: what is called,
# in which order, and that each failure says one thing and takes everything back.
#
# shellcheck disable=SC2317 # functions that the step calls
# shellcheck disable=SC2031 # which has variables of the same names, in subshells
. ./lib.sh

# call COMMAND...: notes it; false if it is the one that this test lets fail.
call() {
	echo "$*" | sed "s#$T##g" >>"$T/log"
	case "$*" in
	*"$fail"*) echo "$1: refused" >&2 && return 1 ;;
	esac
}
sfdisk() {
	[ "$2" != "$T/dev/xvda" ] && call sfdisk "$@"
}
mkswap() { call mkswap "$@"; }
chown() { call chown "$@"; }
mknod() { call mknod "$@" && echo "$5 $6" >"$3"; }
mv() { call mv "$@" && command mv "$@"; }
mount() { call mount "$@" && echo "$2" >"$T/mounted"; }
umount() { call umount "$@" && rm "$T/mounted"; }
# The private disk of these tests has a filesystem; what else may be on it is private.test.sh's.
blkid() { call blkid "$@" && echo "$2: TYPE=\"ext4\""; }
dm_nodes=yes no_sysfs=
dm_made() { # NAME NUMBER
	echo "$1" >>"$T/mapped"
	[ "$no_sysfs" = "$1" ] || mapping "$1" "$2"
	[ "$dm_nodes" = no ] || node "dm-$2"
}
dmsetup() {
	call dmsetup "$@" || return
	case $* in
	*" create dmroot "*) dm_made dmroot 3 ;;
	*" create dmhome "*) dm_made dmhome 1 ;;
	*" remove "*) sed -i "/^$3\$/d" "$T/mapped" ;;
	esac
}

# run: the step on three fresh disks and a fresh root; leaves its status, its words, its calls.
run() {
	no_disks
	rm -rf "$T/root" "$T/mounted"
	: >"$T/log"
	: >"$T/mapped"
	mkdir -p "$T/root/etc/udev"
	echo '/dev/xvdb /rw auto' >"$T/root/etc/fstab"
	echo 'disk:x:6:' >"$T/root/etc/group"
	disk xvda 1 131072
	disk xvdb 1 65535
	disk xvdc 0 25165824
	for n in 1 2 3; do disk xvdc$n 0 2048; done
	"$@"
	said=$(ephemeral_setup "$T/root" 2>&1)
	status=$?
}

fail='?nothing?'
run true
is "setup: succeeds" 0 "$status"
is "setup: in silence" "" "$said"
is "setup: the calls" "sfdisk --quiet /dev/xvdc
mkswap /dev/xvdc1
dmsetup --noudevsync create dmroot --table 0 131072 snapshot /dev/xvda /dev/xvdc2 N 16
dmsetup --noudevsync create dmhome --table 0 65535 snapshot /dev/xvdb /dev/xvdc3 N 16
blkid -p /dev/mapper/dmhome
mount /dev/mapper/dmroot /root
mknod -m 660 /dev/xvdb.new b 254 1
chown 0:6 /dev/xvdb.new
mv -f /dev/xvdb.new /dev/xvdb" "$(cat "$T/log")"
is "setup: what is mapped" "dmroot dmhome" "$(tr '\n' ' ' <"$T/mapped" | sed 's/ $//')"
is "setup: the link that udev would make" ../dm-1 "$(readlink "$T/dev/mapper/dmhome")"
is "setup: /dev/xvdb is dmhome" "254 1" "$(cat "$T/dev/xvdb")"
is "setup: fstab" "/dev/mapper/dmhome /rw auto" "$(cat "$T/root/etc/fstab")"
ok "setup: the rule" test -s "$T/root/etc/udev/rules.d/99-zz-xen-ephemeral.rules"
is "setup: no variable falls into the caller's hands" "" \
	"${root:-}${private:-}${missing:-}${node:-}${number:-}${table:-}${size:-}${plan:-}${dir:-}${file:-}"

# /dev without devtmpfs: there is no dm-N to link to.
run eval 'dm_nodes=no'
dm_nodes=yes
is "setup: mknodes where /dev has no dm-N" "dmsetup mknodes dmroot dmsetup mknodes dmhome" \
	"$(grep mknodes "$T/log" | tr '\n' ' ' | sed 's/ $//')"

fails() { # CALL MESSAGE [COMMAND...]: that call fails
	fail=$1 message=$2
	shift 2
	run "${@:-true}"
	is "failure: $fail: status" 1 "$status"
	is "failure: $fail: the message" "xen-ephemeral: $message" "$said"
	is "failure: $fail: nothing is mapped" "" "$(cat "$T/mapped")"
	ok "failure: $fail: nothing is mounted" test ! -e "$T/mounted"
	ok "failure: $fail: /dev/xvdb is the disk's own" test -b "$T/dev/xvdb"
	ok "failure: $fail: no half-made node" test ! -e "$T/dev/xvdb.new"
	is "failure: $fail: xvda and xvdb are opened by nothing but a snapshot" "" \
		"$(grep '/dev/xvd[ab]\( \|$\)' "$T/log" | grep -v -e snapshot -e '^mv ')"
}
fails "sfdisk --quiet" "cannot partition xvdc: sfdisk: refused"
fails mkswap "cannot make swap on xvdc1: mkswap: refused"
fails "create dmroot" "cannot map dmroot (xvda over xvdc2): dmsetup: refused"
fails "create dmhome" "cannot map dmhome (xvdb over xvdc3): dmsetup: refused"
fails '?dmroot?' "cannot make the node of dmroot: no mapping has that name" eval 'no_sysfs=dmroot'
fails '?dmhome?' "cannot make the node of dmhome: no mapping has that name" eval 'no_sysfs=dmhome'
no_sysfs=
fails "mount /" "cannot mount dmroot on $T/root: mount: refused"
fails mknod "cannot make /dev/xvdb a node of dmhome: mknod: refused"
fails chown "cannot make /dev/xvdb a node of dmhome: chown: refused"
fails "mv -f" "cannot make /dev/xvdb a node of dmhome: mv: refused"
link_loop() {
	ln -sf fstab "$T/root/etc/fstab"
}
fails '?fstab?' "cannot follow /etc/fstab: too many links" link_loop
rules_a_file() {
	: >"$T/root/etc/udev/rules.d"
}
fail='?rules?'
run rules_a_file
like "failure: no rules.d: the message" "xen-ephemeral: cannot make /etc/udev/rules.d in the root: *" "$said"
is "failure: no rules.d: all is taken back" "1 " "$status $(cat "$T/mapped")"

fail=remove
run eval 'mount() { call mount "$@" && false; }'
is "failure: not even removable: all that is said" "xen-ephemeral: cannot mount dmroot on $T/root: mount failed with status 1
xen-ephemeral: cannot remove dmhome: dmsetup: refused
xen-ephemeral: cannot remove dmroot: dmsetup: refused" "$said"
fail='?nothing?'

said=$(ephemeral_try "do it" sh -c 'echo "  one  *"; echo; echo two >&2; exit 3' 2>&1)
is "try: the reason is one line" "xen-ephemeral: cannot do it: one * two" "$said"
is "try: a command without a word" "xen-ephemeral: cannot do it: sh failed with status 7" \
	"$(ephemeral_try "do it" sh -c 'exit 7' 2>&1)"
is "try: silent on success" "" "$(ephemeral_try "do it" echo words 2>&1)"
echo end
