# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the /init of a Qubes kernel's initramfs does beside the step: the decision, and in our way all
# that the stock /init does beyond disks. Sourced by qubes-init. See README.md.
#
# Until the decision nothing is changed that the stock /init could notice; after it there is no way
# back to it, and a failure ends the domain.

# What a test may set beforehand.
: "${QUBES_STEP:=/.xen-ephemeral/ephemeral-disks.sh}"
# shellcheck source=guest/ephemeral-disks.sh
. "$QUBES_STEP"
: "${QUBES_ROOT:=/sysroot}" "${QUBES_MODULES:=/tmp/modules}"

# --- the decision -----------------------------------------------------------------------------

# True when each program of our way is there. One that is missing leaves the stock way untouched.
qubes_able() (
	for program in dmsetup sfdisk mkswap mount umount mkdir mknod ln mv rm cat grep sed sleep readlink \
		chown modprobe uname switch_root; do
		command -v "$program" >/dev/null || exit 1
	done
)

# qubes_mount TYPE DIR: what is mounted there already stays, and is none of ours to take away.
qubes_mount() {
	grep -q " $2 $1 " "$EPHEMERAL_PROC/mounts" 2>/dev/null && return
	[ -d "$2" ] || mkdir "$2" || return
	mount -t "$1" "$1" "$2"
}

# The three that the step needs.
qubes_mounts() {
	qubes_mount proc "$EPHEMERAL_PROC" && qubes_mount sysfs "$EPHEMERAL_SYS" &&
		qubes_mount devtmpfs "$EPHEMERAL_DEV"
}

# qubes_unmount DIR...: silent, as one that is not mounted is just as well. Not by /dev/null, which would
# keep /dev busy.
qubes_unmount() (
	for dir; do said=$(umount "$dir" 2>&1); done
	:
)

# The frontend has another name in the kernels of a certain age.
qubes_load_disks() {
	modprobe -q xenblk 2>/dev/null || modprobe -q xen-blkfront 2>/dev/null
}

# True when this boot is ours; then proc, sysfs and devtmpfs are mounted. False leaves nothing behind
# but a driver that the stock /init loads as well. Called in a subshell.
qubes_decide() {
	qubes_able || return
	qubes_mounts && { qubes_load_disks; qubes_settings && ephemeral_wanted; } && return
	qubes_unmount "$EPHEMERAL_DEV" "$EPHEMERAL_SYS" "$EPHEMERAL_PROC"
	return 1
}

# --- the kernel's command line ----------------------------------------------------------------

# Sets what the parameters ask for: the step's time limit, the root's mode and its init. In the
# caller's shell; the stock /init would hand over read-only to /sbin/init whatever they say.
qubes_settings() {
	qubes_mode=ro qubes_real_init=/sbin/init
	read -r qubes_line <"$EPHEMERAL_PROC/cmdline"
	set -f
	for qubes_word in $qubes_line; do
		case $qubes_word in
		--) break ;;
		ro | rw) qubes_mode=$qubes_word ;;
		init=/*) qubes_real_init=${qubes_word#init=} ;;
		ephemeral.timeout=*[!0-9]* | ephemeral.timeout=) ;;
		ephemeral.timeout=*) EPHEMERAL_TIMEOUT=${qubes_word#*=} ;;
		esac
	done
	set +f
}

# --- the end of a boot that must not go on ----------------------------------------------------

# No shell, and no other way of booting. Never returns: the last line is a panic, as PID 1 ends.
qubes_stop() {
	ephemeral_say "the boot ends here"
	sleep 1
	poweroff -f 2>/dev/null || busybox poweroff -f 2>/dev/null
	sleep 5
	echo o >"$EPHEMERAL_PROC/sysrq-trigger"
	sleep 5
	exit 1
}

# --- page scrubbing ---------------------------------------------------------------------------

# The kernel was started without it, so that the first balloon down is quick; from here on, what is
# given back to Xen is cleared before.
qubes_scrub_pages() {
	scrub=$EPHEMERAL_SYS/devices/system/xen_memory/xen_memory0/scrub_pages
	[ ! -w "$scrub" ] || echo 1 >"$scrub" || ephemeral_say "cannot turn page scrubbing on"
	unset scrub
}

# --- the root's partition table ---------------------------------------------------------------

# qubes_gpt: prints what xvda holds: "none" (the filesystem itself), "good" (a GPT that the kernel has
# read), "other" (one for sectors of another size, which the kernel cannot read). False when it can
# be none of them; gptfix's exit statuses, of which the stock /init boots none but these.
qubes_gpt() (
	command -v gptfix >/dev/null || { echo none && exit; }
	said=$(gptfix check "$EPHEMERAL_DEV/xvda" 2>&1)
	status=$?
	case $status in
	0) echo good ;;
	4 | 5 | 8) echo none ;;
	7) echo other ;;
	*) ephemeral_fail "cannot use the partition table of xvda: ${said:-gptfix failed with status $status}" ;;
	esac
)

# qubes_table_root DEVICE: prints start and size, in sectors of 512 bytes, of the root's partition in
# DEVICE's table: the one labelled "Root filesystem", else the third.
qubes_table_root() (
	table=$(sfdisk --dump "$1" 2>/dev/null) || exit 1
	line=$(echo "$table" | grep 'name="Root filesystem"' | sed 1q)
	[ -n "$line" ] || line=$(echo "$table" | sed -n '/^[^:]*[^0-9]3 *: *start=/p')
	unit=$(echo "$table" | sed -n 's/^sector-size: *\([0-9]*\)$/\1/p')
	numbers=$(echo "$line" | sed -n 's/.*start= *\([0-9]*\), *size= *\([0-9]*\),.*/\1 \2/p')
	[ -n "$numbers" ] || exit 1
	unit=$((${unit:-512} / 512))
	echo "$((${numbers% *} * unit)) $((${numbers#* } * unit))"
)

# dmroot is a snapshot of the whole disk: it becomes dmdisk, the table is repaired there (the disk
# itself is read-only, and shared), and dmroot is the root's partition of it.
qubes_split() (
	disk=$EPHEMERAL_DEV/mapper/dmdisk
	ephemeral_try "name the disk's snapshot dmdisk" dmsetup --noudevsync rename dmroot dmdisk &&
		rm -f "$EPHEMERAL_DEV/mapper/dmroot" &&
		ephemeral_try "make the node of dmdisk" ephemeral_node dmdisk || exit 1
	ephemeral_try "repair the partition table on dmdisk" gptfix fix "$disk" || exit 1
	place=$(qubes_table_root "$disk") ||
		ephemeral_fail "cannot find the root partition: none in the table of dmdisk" || exit 1
	ephemeral_try "map dmroot (a partition of dmdisk)" dmsetup --noudevsync create dmroot \
		--table "0 ${place#* } linear $disk ${place% *}" &&
		ephemeral_try "make the node of dmroot" ephemeral_node dmroot
)

# The mappings, whatever table the root's disk has.
qubes_map() {
	qubes_table=$(qubes_gpt) || return
	[ "$qubes_table" != other ] || EPHEMERAL_ROOT=xvda
	ephemeral_map || return
	[ "$qubes_table" != other ] || qubes_split
}

# --- kernel modules ---------------------------------------------------------------------------

# qubes_overlay DIR WORK: a writable /lib/modules; needs what not every kernel has.
qubes_overlay() {
	modprobe -q overlay 2>/dev/null || grep -qw overlay "$EPHEMERAL_PROC/filesystems" || return
	mkdir -p "$1" "$2" &&
		mount -t overlay none "$1" -o "lowerdir=$QUBES_MODULES,upperdir=$1,workdir=$2" 2>/dev/null
}

# qubes_bind DIR VERSION: the one directory, which leaves the rest of /lib/modules writable.
qubes_bind() {
	mkdir -p "$1/$2" && mount --bind "$QUBES_MODULES/$2" "$1/$2"
}

# qubes_lay VERSION: what is on xvdd, over the root's modules. The mount of xvdd itself goes: what was
# laid holds it.
qubes_lay() (
	lib=$(ephemeral_inside "$QUBES_ROOT" /lib) && modules=$(ephemeral_inside "$QUBES_ROOT" /lib/modules) || exit 1
	[ -d "$QUBES_MODULES/$1" ] || ephemeral_fail "cannot use the kernel's modules: none for $1 on xvdd" || exit 1
	qubes_overlay "$modules" "$lib/.modules_work" ||
		ephemeral_try "bind the kernel's modules to /lib/modules/$1" qubes_bind "$modules" "$1"
)

# Where the root has no modules for this kernel, xvdd brings them.
qubes_modules() (
	version=$(uname -r)
	modules=$(ephemeral_inside "$QUBES_ROOT" /lib/modules) || exit 1
	[ ! -d "$modules/$version/kernel" ] || exit 0
	ephemeral_await ephemeral_arrived xvdd && ephemeral_present xvdd ||
		ephemeral_fail "cannot bring in the kernel's modules: none for $version on the root, and disk not found: xvdd" || exit 1
	mkdir -p "$QUBES_MODULES" &&
		ephemeral_try "mount xvdd" mount -t ext3 -o ro "$EPHEMERAL_DEV/xvdd" "$QUBES_MODULES" || exit 1
	qubes_lay "$version"
	status=$?
	umount "$QUBES_MODULES" && rmdir "$QUBES_MODULES"
	exit "$status"
)

# --- our way ----------------------------------------------------------------------------------

qubes_mount_root() {
	mkdir -p "$QUBES_ROOT" && ephemeral_try "mount dmroot on $QUBES_ROOT" \
		mount -o rw "$EPHEMERAL_DEV/mapper/dmroot" "$QUBES_ROOT"
}

# Before proc goes: not every mount can do without.
qubes_set_mode() {
	[ "$qubes_mode" = rw ] || ephemeral_try "make the root read-only" \
		mount -o remount,ro "$EPHEMERAL_DEV/mapper/dmroot" "$QUBES_ROOT"
}

# The link that an init often is leads nowhere as seen from here.
qubes_has_init() {
	[ -L "$QUBES_ROOT$qubes_real_init" ] || [ -x "$QUBES_ROOT$qubes_real_init" ] ||
		ephemeral_fail "no $qubes_real_init on the root"
}

qubes_root_ready() {
	qubes_map && qubes_mount_root && ephemeral_adapt "$QUBES_ROOT" && qubes_modules && qubes_has_init &&
		qubes_set_mode
}

# Everything from the decision to the system's init. Never returns.
qubes_boot() {
	ephemeral_say "root and private are read-only: what is written to either goes to xvdc"
	qubes_settings
	qubes_scrub_pages
	# shellcheck disable=SC2119 # no more modules than always
	ephemeral_load
	qubes_root_ready || qubes_stop
	qubes_unmount "$EPHEMERAL_DEV" "$EPHEMERAL_SYS" "$EPHEMERAL_PROC"
	exec switch_root "$QUBES_ROOT" "$qubes_real_init"
}
