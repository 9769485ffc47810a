# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests on the emulated Xen host: . /tests/lib.sh; . /tests/lib-xen.sh

guest_dir=/run/guests

# guest_config NAME [DISK...]: a guest with these disks (xl's syntax, one an argument).
#   GUEST_TYPE    pvh (default), or hvm, which needs run.sh --hvm
#   GUEST_RAMDISK its initramfs, default /guest/initramfs
#   GUEST_RUN     shell commands that the guest runs and then powers off, in place of the /init that
#                 --guest brought (about 1,000 characters)
#   GUEST_MEMORY  MiB, default 200      GUEST_EXTRA  more for the kernel's command line
#   GUEST_LINES   more lines for the configuration
guest_config() {
	local name=$1 disk extra
	shift
	extra="console=hvc0 quiet panic=-1 rdinit=/init ${GUEST_EXTRA:-}"
	[ -z "${GUEST_RUN:-}" ] ||
		extra="$extra rdinit=/plain-init run=$(printf '%s' "$GUEST_RUN" | base64 -w0)"
	mkdir -p "$guest_dir"
	{
		printf '%s\n' "name=\"$name\"" "type=\"${GUEST_TYPE:-pvh}\"" "memory=${GUEST_MEMORY:-200}" \
			'vcpus=1' 'kernel="/guest/vmlinuz"' "ramdisk=\"${GUEST_RAMDISK:-/guest/initramfs}\"" \
			"extra=\"$extra\"" \
			'on_poweroff="destroy"' 'on_reboot="destroy"' 'on_crash="destroy"' 'disk=['
		for disk; do printf "  '%s',\n" "$disk"; done
		printf '%s\n' ']' "${GUEST_LINES:-}"
		[ "${GUEST_TYPE:-pvh}" = pvh ] || printf '%s\n' 'vnc=0' 'nographic=1'
	} >"$guest_dir/$name.cfg"
}

# guest_start NAME: prints what xl prints. The console's log starts anew.
guest_start() {
	: >"/var/log/xen/console/guest-$1.log"
	xl create "$guest_dir/$1.cfg"
}

# guest_console NAME: what the guest has printed so far.
guest_console() { tr -d '\r' <"/var/log/xen/console/guest-$1.log"; }

guest_printed() { guest_console "$1" | grep -qF -e "$2"; }

# guest_wait_for_text NAME TEXT SECONDS
guest_wait_for_text() {
	wait_for "$3" guest_printed "$1" "$2" && return
	diag "guest $1 has not printed '$2' in $3 s; the end of its console:"
	guest_console "$1" | tail -n 30 | diag
	return 1
}

guest_absent() { ! xl domid "$1" >/dev/null 2>&1; }

# guest_gone NAME [SECONDS]: the guest ends by itself.
guest_gone() {
	wait_for "${2:-60}" guest_absent "$1" && return
	diag "guest $1 is still there after ${2:-60} s; the end of its console:"
	guest_console "$1" | tail -n 30 | diag
	return 1
}
