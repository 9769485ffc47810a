# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests on the emulated Xen host: . /tests/lib.sh; . /tests/lib-xen.sh

guest_dir=/run/guests

# What a PVH guest has not, and Linux asks for in ten thousands of exits in a row: half of its boot when SVM is emulated,
# and one boot in some dozens ends there, by a triple fault whose state is at times Xen's own. The PIT (quick_pit_calibrate():
# a kernel that sees no TSC does not try; Xen's clock is its clock as ever), and a PCI bus with an AGP bridge
# (early_pci_allowed()).
guest_no_probing='clearcpuid=tsc lpj=10000000 pci=noearly'

# Debian's kernel tries its ciphers at each boot, which the kernel's own default is not to (CRYPTO_MANAGER_DISABLE_TESTS):
# half of what is left of a guest's boot, when emulated.
guest_no_self_tests='cryptomgr.notests'

# guest_config NAME [DISK...]: a guest with these disks (xl's syntax, one an argument).
#   GUEST_TYPE    pvh (default), or hvm, which needs run.sh --hvm
#   GUEST_KERNEL  default /guest/vmlinux for pvh, /guest/vmlinuz for hvm, whose firmware takes no other
#   GUEST_RAMDISK its initramfs, default /guest/initramfs
#   GUEST_RUN     shell commands that the guest runs and then powers off, in place of the /init that
#                 --guest brought (about 1,000 characters)
#   GUEST_MEMORY  MiB, default 200      GUEST_EXTRA  more for the kernel's command line
#   GUEST_LINES   more lines for the configuration
guest_config() {
	local name=$1 disk type kernel extra
	shift
	type=${GUEST_TYPE:-pvh} kernel=${GUEST_KERNEL:-/guest/vmlinux} extra="console=hvc0 quiet panic=-1 $guest_no_self_tests"
	case $type in
	pvh) extra="$extra $guest_no_probing" ;;
	hvm) kernel=${GUEST_KERNEL:-/guest/vmlinuz} ;;
	esac
	extra="$extra ${GUEST_EXTRA:-}"
	[ -z "${GUEST_RUN:-}" ] ||
		extra="$extra rdinit=/plain-init run=$(printf '%s' "$GUEST_RUN" | base64 -w0)"
	mkdir -p "$guest_dir"
	rm -f "$guest_dir/$name".{fell,told,heard} "/var/log/xen/xl-$name.log"
	{
		printf '%s\n' "name=\"$name\"" "type=\"$type\"" "memory=${GUEST_MEMORY:-200}" 'vcpus=1' \
			"kernel=\"$kernel\"" "ramdisk=\"${GUEST_RAMDISK:-/guest/initramfs}\"" "extra=\"$extra\"" \
			'on_poweroff="destroy"' 'on_reboot="destroy"' 'on_crash="destroy"' 'disk=['
		for disk; do printf "  '%s',\n" "$disk"; done
		printf '%s\n' ']' "${GUEST_LINES:-}"
		[ "$type" = pvh ] || printf '%s\n' 'vnc=0' 'nographic=1'
	} >"$guest_dir/$name.cfg"
}

# guest_start NAME: prints what xl prints. The console's log starts anew.
guest_start() {
	: >"/var/log/xen/console/guest-$1.log"
	rm -f "/var/log/xen/xl-$1.log" "$guest_dir/$1.heard"
	xl create "$guest_dir/$1.cfg"
}

# guest_domid NAME: that of its last start, also when it has ended: xl's process for it logs it first.
guest_domid() { sed -n 's/^Waiting for domain .* (domid \([0-9]*\)).*/\1/p' "/var/log/xen/xl-$1.log" 2>/dev/null; }

# guest_fell NAME: it ended by a triple fault before it had printed anything that was waited for, or its kernel by an
# exception before it had run a program. The emulation of SVM does that to one guest in some dozens, now in Xen's state
# and now in the guest's.
guest_fell() {
	local domid
	[ ! -e "$guest_dir/$1.heard" ] || return 1
	domid=$(guest_domid "$1")
	[ -n "$domid" ] && ! xenstore-exists "/local/domain/$domid" || return 1
	xl dmesg | grep -q "(XEN) d${domid}v[0-9]* Triple fault" || guest_panicked "$1"
}

guest_panicked() {
	guest_console "$1" | grep -q 'Kernel panic - not syncing: Fatal exception' &&
		! guest_console "$1" | grep -qE '^(guest:|GUEST|STOCK|UP|xen-ephemeral:) '
}

# guest_revive NAME: starts one that fell once more; one that falls four times stays down.
guest_revive() {
	[ "$(cat "$guest_dir/$1.fell" "$guest_dir/$1.told" 2>/dev/null | grep -c 'was started again')" -lt 3 ] &&
		guest_fell "$1" || return 0
	{
		echo "guest $1 fell before it had printed what was waited for, and was started again: $(guest_last_words "$1" 1)"
		guest_console "$1" | tail -n 5 | sed 's/^/  its console: /'
	} >>"$guest_dir/$1.fell"
	guest_start "$1"
}

# guest_tell_fall NAME: says once that it was; for after a wait, which shows nothing of what it calls.
guest_tell_fall() {
	[ -s "$guest_dir/$1.fell" ] || return 0
	diag <"$guest_dir/$1.fell"
	cat "$guest_dir/$1.fell" >>"$guest_dir/$1.told"
	rm "$guest_dir/$1.fell"
}

# guest_last_words NAME [LINES]: what Xen and xl say of how it ended.
guest_last_words() {
	local domid
	domid=$(guest_domid "$1")
	{
		xl dmesg | grep -iE "^\(XEN\).*\<d(om(ain)? ?)?${domid:-none}(v|\>)"
		grep 'shut down, reason code' "/var/log/xen/xl-$1.log"
	} 2>/dev/null | tail -n "${2:-3}"
}

# guest_tell_end NAME TEXT: why a wait for it failed.
guest_tell_end() {
	diag "guest $1 $2; $(if guest_absent "$1"; then echo "it is gone"; else echo "it is there"; fi)"
	guest_tell_fall "$1"
	guest_last_words "$1" | diag
	diag "the end of its console:"
	guest_console "$1" | tail -n 30 | diag
}

# guest_console NAME: what the guest has printed so far.
guest_console() { tr -d '\r' <"/var/log/xen/console/guest-$1.log"; }

guest_printed() {
	guest_console "$1" | grep -qF -e "$2" && : >"$guest_dir/$1.heard" && return
	guest_revive "$1"
	return 1
}

# guest_wait_for_text NAME TEXT SECONDS
guest_wait_for_text() {
	wait_for "$3" guest_printed "$1" "$2" && guest_tell_fall "$1" && return
	guest_tell_end "$1" "has not printed '$2' in $3 s"
	return 1
}

guest_absent() { ! xl domid "$1" >/dev/null 2>&1; }

guest_ended() {
	guest_revive "$1"
	guest_absent "$1"
}

# guest_gone NAME [SECONDS]: the guest ends by itself.
guest_gone() {
	wait_for "${2:-60}" guest_ended "$1" && guest_tell_fall "$1" && return
	guest_tell_end "$1" "has not ended in ${2:-60} s"
	return 1
}
