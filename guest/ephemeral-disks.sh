# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The step of an initramfs that makes every write of this domain land on xvdc.
# Sourced, not run: by an /init, a dracut hook or an initramfs-tools hook. See README.md.
#
#	if ephemeral_wanted; then
#		ephemeral_setup /sysroot || the caller's way of stopping the boot
#	fi
#
# ephemeral-hook.sh is what the hooks have beside it.
#
# Needs proc, sysfs and devtmpfs mounted, and the drivers of the disks, of dm-snapshot and of the
# root's filesystem loaded or loadable. Works with and without udev. Messages go to standard error.
#
# Functions with a body in parentheses run in a subshell: plain sh has no local variables, and
# none of ours may fall into the caller's hands.

# What a caller or a test may set beforehand.
: "${EPHEMERAL_SYS:=/sys}" "${EPHEMERAL_PROC:=/proc}" "${EPHEMERAL_DEV:=/dev}" "${EPHEMERAL_RUN:=/run}"
: "${EPHEMERAL_TIMEOUT:=30}"	# seconds of uptime that one wait may take
: "${EPHEMERAL_CHUNK:=16}"	# sectors of 512 bytes that a snapshot copies at a time
: "${EPHEMERAL_ROOT:=}"		# kernel name of the root's partition; empty: find it

# --- messages ---------------------------------------------------------------------------------

ephemeral_say() {
	echo "xen-ephemeral: $*" >&2
}

ephemeral_fail() {
	ephemeral_say "$*"
	return 1
}

# ephemeral_try WHAT COMMAND...: silent when the command succeeds; otherwise one message that
# ends with the command's own reason.
ephemeral_try() (
	what=$1
	shift
	said=$("$@" 2>&1) && exit 0
	status=$?
	set -f
	# shellcheck disable=SC2086,SC2116 # the words of all its lines, in one line
	said=$(echo $said)
	ephemeral_fail "cannot $what: ${said:-$1 failed with status $status}"
)

# --- waiting ----------------------------------------------------------------------------------

# ephemeral_await CONDITION...: polls until the command is true; false after EPHEMERAL_TIMEOUT.
# Uptime is what bounds it: on a busy host a sleep of 0.1 s may take a second.
ephemeral_await() (
	# shellcheck disable=SC2030 # ephemeral_arrived shares it, called from here
	end='' calm=0
	until "$@"; do
		read -r now _ <"$EPHEMERAL_PROC/uptime"
		now=${now%%.*}
		[ "$now" -lt "${end:=$((now + EPHEMERAL_TIMEOUT))}" ] || exit 1
		# Not every sleep takes fractions.
		sleep 0.1 2>/dev/null || sleep 1
	done
)

# True when each block device that Xen gave this domain has become a disk. Their frontends are
# all listed before the first of them connects, so then no other disk will come.
ephemeral_settled() (
	for vbd in "$EPHEMERAL_SYS"/bus/xen/devices/vbd-*; do
		[ -d "$vbd/block" ] || exit 1
	done
)

# ephemeral_present NAME...: true when each of the disks or partitions is there, with its node.
ephemeral_present() {
	while [ $# -gt 0 ]; do
		[ -e "$EPHEMERAL_SYS/class/block/$1" ] && [ -b "$EPHEMERAL_DEV/$1" ] || return
		shift
	done
}

# ephemeral_missing NAME...: prints those that are not there yet.
ephemeral_missing() (
	missing=
	for name; do
		ephemeral_present "$name" || missing="$missing${missing:+ }$name"
	done
	echo "$missing"
)

# ephemeral_arrived NAME...: true when the disks are there, or when it is in vain to wait for
# them. Shares `calm` with the loop in ephemeral_await: a disk that Xen is just adding could make
# one look at the list wrong, eleven looks in a row over a second are not.
ephemeral_arrived() {
	ephemeral_present "$@" && return
	# shellcheck disable=SC2031
	if ephemeral_settled; then calm=$((calm + 1)); else calm=0; fi
	[ "$calm" -gt 10 ]
}

# Where udev runs, until it has done what it has to do.
ephemeral_udev_settle() {
	[ ! -e "$EPHEMERAL_RUN/udev/control" ] || udevadm settle --timeout="$EPHEMERAL_TIMEOUT" || :
}

# --- the decision -----------------------------------------------------------------------------

# ephemeral_attribute NAME ATTRIBUTE: prints what sysfs has for a disk or partition; nothing if it
# is not there.
ephemeral_attribute() (
	[ -e "$EPHEMERAL_SYS/class/block/$1/$2" ] || exit
	read -r value <"$EPHEMERAL_SYS/class/block/$1/$2" && echo "$value"
)

# ephemeral_ro NAME: prints 1 for a read-only disk, 0 for a writable one, nothing for no disk.
ephemeral_ro() {
	ephemeral_attribute "$1" ro
}

# One writable disk decides, whatever the other one is and however late it comes.
ephemeral_decided() {
	[ "$(ephemeral_ro xvda)" = 0 ] || [ "$(ephemeral_ro xvdb)" = 0 ] ||
		ephemeral_arrived xvda xvdb
}

# True only when root (xvda) and private (xvdb) are both there and both read-only. Waits for
# them, as disks come in any order; false in every other combination, in bounded time.
ephemeral_wanted() (
	ephemeral_await ephemeral_decided || :
	root=$(ephemeral_ro xvda) private=$(ephemeral_ro xvdb)
	[ "$root$private" != 11 ] || exit 0
	case $root$private in
	*0*) ;;
	*) ephemeral_say "disk not found: $(ephemeral_missing xvda xvdb); leaving the disks alone" ;;
	esac
	exit 1
)

# Waits for the three disks. False, with a message that names the missing ones, if they stay away.
ephemeral_wait_disks() (
	ephemeral_await ephemeral_arrived xvda xvdb xvdc || :
	missing=$(ephemeral_missing xvda xvdb xvdc)
	[ -z "$missing" ] ||
		ephemeral_fail "cannot map the disks: disk not found: $missing (waited up to ${EPHEMERAL_TIMEOUT} s)"
)

# --- what is where on xvda --------------------------------------------------------------------

# Prints the kernel name of the partition that a GPT on xvda holds the root in: the one labelled
# "Root filesystem", else the third, as Qubes does. Nothing where there is no GPT. The table is
# read from the disk, as the kernel may still be adding the partitions when xvda is already there.
ephemeral_gpt_root() (
	table=$(sfdisk --dump "$EPHEMERAL_DEV/xvda" 2>/dev/null) || exit 0
	echo "$table" | grep -q '^label: gpt$' || exit 0
	name=$(echo "$table" |
		sed -n 's#^[^:]*/\(xvda[0-9]*\) *:.*name="Root filesystem".*#\1#p' | sed 1q)
	echo "${name:-xvda3}"
)

# Prints the kernel name of what holds the root filesystem: a partition of xvda, or xvda itself.
ephemeral_root_partition() (
	root=${EPHEMERAL_ROOT:-$(ephemeral_gpt_root)}
	root=${root:-xvda}
	ephemeral_await ephemeral_present "$root" ||
		ephemeral_fail "cannot find the root partition: no $root on xvda" || exit 1
	echo "$root"
)

# --- the layout of xvdc -----------------------------------------------------------------------

# ephemeral_sectors NAME: prints the size of a disk or partition in sectors of 512 bytes, the unit
# of sysfs and of dm tables whatever the disk's own sector is.
ephemeral_sectors() {
	ephemeral_attribute "$1" size
}

# ephemeral_store_mib SECTORS: prints the MiB that a store needs to take in every sector of its
# origin. A non-persistent snapshot keeps its exception table in memory, so the one overhead is
# that the origin's last chunk takes a whole one.
ephemeral_store_mib() {
	echo $(((($1 + EPHEMERAL_CHUNK - 1) / EPHEMERAL_CHUNK * EPHEMERAL_CHUNK + 2047) / 2048))
}

# ephemeral_plan XVDC PRIVATE: sizes in sectors; prints the MiB of swap, root store and private
# store. False when xvdc is too small.
#
# Of xvdc's whole MiB, the first is left to the partition table and to alignment, the last to the
# GPT's second copy. Swap gets 1 GiB, on a small xvdc one eighth of it: the stores are what the
# domain cannot do without. 8 MiB, where swap is down to 1 MiB (mkswap wants ten pages, and
# 64 KiB is the largest page), are the least.
ephemeral_plan() (
	total=$(($1 / 2048))
	[ "$total" -ge 8 ] || exit 1
	swap=$((total / 8))
	[ "$swap" -le 1024 ] || swap=1024
	left=$((total - 2 - swap))
	private=$(ephemeral_store_mib "$2")
	[ "$private" -ge 1 ] || private=1
	[ "$private" -le $((left / 2)) ] || private=$((left / 2))
	echo "$swap $((left - private)) $private"
)

# ephemeral_warn_small STORE MIB ORIGIN: such a store still works, until it is full.
ephemeral_warn_small() (
	need=$(ephemeral_store_mib "$(ephemeral_sectors "$3")")
	[ "$2" -ge "$need" ] ||
		ephemeral_say "warning: $1 holds $2 MiB of writes, $3 has $need MiB: writes fail once it is full"
)

# ephemeral_table SWAP ROOT PRIVATE: prints sfdisk's input. A GPT, as an MBR ends at 2 TiB; sizes
# in MiB, as sfdisk's bare numbers mean sectors of 512 bytes on one disk and of 4096 on another.
ephemeral_table() {
	echo "label: gpt"
	echo "start=1MiB, size=$1MiB, type=S"
	echo "start=$((1 + $1))MiB, size=$2MiB, type=L"
	echo "start=$((1 + $1 + $2))MiB, size=$3MiB, type=L"
}

# ephemeral_partition ROOT: xvdc1 swap, xvdc2 store of ROOT (a kernel name), xvdc3 store of xvdb.
ephemeral_partition() (
	size=$(ephemeral_sectors xvdc)
	plan=$(ephemeral_plan "$size" "$(ephemeral_sectors xvdb)") ||
		ephemeral_fail "cannot partition xvdc: $((size / 2)) KiB is too small, 8 MiB are needed" || exit 1
	# shellcheck disable=SC2086 # three numbers
	set -- "$1" $plan
	ephemeral_warn_small xvdc2 "$3" "$1"
	ephemeral_warn_small xvdc3 "$4" xvdb
	ephemeral_table "$2" "$3" "$4" |
		ephemeral_try "partition xvdc" sfdisk --quiet "$EPHEMERAL_DEV/xvdc" || exit 1
	# Where udev runs, it reads the table again once sfdisk closes the disk: the partitions
	# would vanish for a moment under our hands.
	ephemeral_udev_settle
	ephemeral_await ephemeral_present xvdc1 xvdc2 xvdc3 ||
		ephemeral_fail "cannot use xvdc: partition not found: $(ephemeral_missing xvdc1 xvdc2 xvdc3)" || exit 1
	ephemeral_try "make swap on xvdc1" mkswap "$EPHEMERAL_DEV/xvdc1"
)

# --- drivers ----------------------------------------------------------------------------------

# ephemeral_load [MODULE...]: loads these and what the step needs of the kernel, from an initramfs that has
# it as modules. What is missing shows itself: as a disk that does not come, or in dmsetup's words.
ephemeral_load() (
	for module in "$@" dm-mod dm-snapshot crc32c_generic ext4; do
		modprobe -q "$module" 2>/dev/null || :
	done
)

# --- the mappings -----------------------------------------------------------------------------

# ephemeral_number NAME: prints "MAJOR MINOR" of a mapping. From sysfs: dmsetup's start is a part of the boot that one feels.
ephemeral_number() (
	for device in "$EPHEMERAL_SYS"/class/block/dm-*; do
		device=${device##*/}
		[ "$(ephemeral_attribute "$device" dm/name)" = "$1" ] || continue
		number=$(ephemeral_attribute "$device" dev) && echo "${number%:*} ${number#*:}"
		exit
	done
	echo "no mapping has that name" >&2
	exit 1
)

# ephemeral_node NAME: makes /dev/mapper/NAME the link to /dev/dm-N that udev would make, so that
# a udevd of the booted system finds what it wants to find and owner and mode are in one place.
ephemeral_node() (
	number=$(ephemeral_number "$1") || exit 1
	# shellcheck disable=SC2086 # two numbers
	set -- "$1" $number
	if [ -b "$EPHEMERAL_DEV/dm-$3" ]; then
		mkdir -p "$EPHEMERAL_DEV/mapper" && ln -sf "../dm-$3" "$EPHEMERAL_DEV/mapper/$1"
	else
		dmsetup mknodes "$1"
	fi
)

# ephemeral_unmap NAME...: takes back what a failed step has mapped.
ephemeral_unmap() (
	for name; do
		ephemeral_try "remove $name" dmsetup --noudevsync remove "$name"
	done
)

# ephemeral_snapshot NAME ORIGIN STORE: maps NAME, reads of which come from ORIGIN until STORE has
# something newer. --noudevsync: where no udev runs, nobody would end the wait for it.
ephemeral_snapshot() (
	sectors=$(ephemeral_sectors "$2")
	table="0 $sectors snapshot $EPHEMERAL_DEV/$2 $EPHEMERAL_DEV/$3 N $EPHEMERAL_CHUNK"
	ephemeral_try "map $1 ($2 over $3)" \
		dmsetup --noudevsync create "$1" --table "$table" || exit 1
	ephemeral_try "make the node of $1" ephemeral_node "$1" && exit 0
	ephemeral_unmap "$1"
	exit 1
)

# --- what is on the private disk -------------------------------------------------------------

# ephemeral_probe DEVICE: prints what blkid finds. False where it could not look, or saw more than
# one thing there. The second call is for busybox, whose blkid has no options.
ephemeral_probe() (
	found=$(blkid -p "$1" 2>/dev/null)
	case $? in
	0 | 2) ;;
	8) exit 1 ;;
	*) found=$(blkid "$1" 2>/dev/null) || exit 1 ;;
	esac
	[ -z "$found" ] || echo "$found"
)

# ephemeral_zeros DEVICE SECTORS: true when its first 10 MiB were read and are zeros, which is how Qubes
# tells a disk that was never used.
ephemeral_zeros() (
	size=$(($2 * 512))
	[ "$size" -le 10485760 ] || size=10485760
	[ "$(head -c "$size" "$1" | tr -dc '\000' | wc -c)" -eq "$size" ]
)

# ephemeral_format DEVICE: an ext4 filesystem on a blank private disk, as Qubes makes it: without a
# journal, since nothing of it outlives the domain. An initramfs without mkfs.ext4 leaves it to the
# system, for which /dev/xvdb is dmhome by then.
ephemeral_format() {
	if command -v mkfs.ext4 >/dev/null; then
		ephemeral_try "make a filesystem on dmhome" mkfs.ext4 -q -F -m 0 -O ^has_journal "$1"
	else
		ephemeral_say "the private disk is blank; leaving it to the system to make a filesystem"
	fi
}

# ephemeral_table_of DEVICE: prints number, start and size, in sectors of 512 bytes, of each of its
# partitions. Not of an extended one: what is in it comes by itself.
ephemeral_table_of() (
	table=$(sfdisk --dump "$1" 2>/dev/null) || exit 0
	unit=$(echo "$table" | sed -n 's/^sector-size: \([0-9]*\)$/\1/p')
	echo "$table" | sed -n \
		-e '/type= *\(0\{0,1\}[5fF]\|85\)\(,.*\)\{0,1\}$/d' \
		-e 's/^[^:]*[^0-9:]\([0-9][0-9]*\) *: start= *\([0-9]*\), size= *\([0-9]*\).*/\1 \2 \3/p' |
		while read -r number start size; do
			echo "$number $((start * (${unit:-512} / 512))) $((size * (${unit:-512} / 512)))"
		done
)

# Maps dmhomeN for each partition N of dmhome: the kernel looks for none on a mapping.
ephemeral_map_partitions() (
	ephemeral_table_of "$EPHEMERAL_DEV/mapper/dmhome" | while read -r number start size; do
		ephemeral_try "map dmhome$number (a partition of dmhome)" dmsetup --noudevsync create \
			"dmhome$number" --table "0 $size linear $EPHEMERAL_DEV/mapper/dmhome $start" &&
			ephemeral_try "make the node of dmhome$number" ephemeral_node "dmhome$number" || exit 1
	done
)

# Prints the numbers of the partitions of dmhome that are mapped.
ephemeral_private_partitions() (
	for node in "$EPHEMERAL_DEV"/mapper/dmhome[0-9]*; do
		[ ! -L "$node" ] && [ ! -b "$node" ] || echo "${node##*/dmhome}"
	done
)

# Makes dmhome what the system expects to find: a filesystem, or partitions. A filesystem's boot sector
# can look like a partition table, so where blkid knows a filesystem no table is read. busybox's
# blkid knows no tables, hence the second way to them.
ephemeral_private_ready() (
	device=$EPHEMERAL_DEV/mapper/dmhome
	found=$(ephemeral_probe "$device") || exit 0
	case $found in
	*" TYPE="*) exit 0 ;;
	'') ephemeral_zeros "$device" "$(ephemeral_sectors xvdb)" && { ephemeral_format "$device"; exit; } ;;
	esac
	ephemeral_map_partitions
)

# --- the root that is handed over -------------------------------------------------------------

# ephemeral_inside ROOT PATH: prints where PATH of the system mounted at ROOT lies. Links are
# followed as that system will follow them: one to /etc/x means ROOT/etc/x, never ours.
ephemeral_inside() (
	at='' rest=$2 links=0
	while [ -n "$rest" ]; do
		part=${rest%%/*}
		case $rest in
		*/*) rest=${rest#*/} ;;
		*) rest='' ;;
		esac
		case $part in
		'' | .) continue ;;
		..) at=${at%/*} && continue ;;
		esac
		[ -L "$1$at/$part" ] || { at=$at/$part && continue; }
		links=$((links + 1))
		[ "$links" -le 40 ] || ephemeral_fail "cannot follow $2: too many links" || exit 1
		link=$(readlink "$1$at/$part")
		case $link in
		/*) at='' ;;
		esac
		rest=$link/$rest
	done
	printf '%s\n' "$1$at"
)

# ephemeral_fstab_edit [NUMBER...]: a filter. /dev/xvdb becomes /dev/mapper/dmhome where it is a whole
# first field, and so does each partition of these numbers; every other byte stays.
ephemeral_fstab_edit() (
	edit=
	for number in '' "$@"; do
		edit="$edit
			s#^\([[:space:]]*\)/dev/xvdb$number\$#\1/dev/mapper/dmhome$number#
			s#^\([[:space:]]*\)/dev/xvdb$number\([[:space:]]\)#\1/dev/mapper/dmhome$number\2#"
	done
	LC_ALL=C sed -e "$edit"
)

# ephemeral_fstab ROOT: rewrites the file in place, which keeps its owner, mode and labels. A
# line's end is kept from $( ) by the dot.
ephemeral_fstab() (
	file=$(ephemeral_inside "$1" /etc/fstab) || exit 1
	[ -f "$file" ] || exit 0
	# shellcheck disable=SC2046 # numbers
	old=$(cat "$file" && echo .) &&
		new=$(ephemeral_fstab_edit $(ephemeral_private_partitions) <"$file" && echo .) ||
		ephemeral_fail "cannot read /etc/fstab of the root" || exit 1
	[ "$old" != "$new" ] || exit 0
	{ printf %s "${new%.}" >"$file"; } 2>/dev/null ||
		ephemeral_fail "cannot write /etc/fstab of the root"
)

# The dm rules of a udevd that never saw the mapping being made leave it "not ready", and systemd
# then waits for /dev/mapper/dmhome until it gives up. They do not probe it either, but the stores
# are probed, and the first thing in one is a copy of its filesystem's superblock: without a link
# of higher priority, UUID= and LABEL= would name the store.
ephemeral_udev_rules() (
	echo '# Made at boot by the initramfs: dmroot and dmhome were mapped before udevd ran.'
	match='ACTION!="remove", SUBSYSTEM=="block", ATTR{dm/name}=="dmroot|dmhome|dmhome[0-9]*"'
	echo "$match, SYMLINK+=\"mapper/\$attr{dm/name}\", ENV{SYSTEMD_READY}=\"1\", OPTIONS+=\"link_priority=100\""
	echo "$match, IMPORT{builtin}=\"blkid\""
	for what in uuid:UUID label:LABEL; do
		value=ID_FS_${what#*:}_ENC
		echo "$match, ENV{$value}==\"?*\", SYMLINK+=\"disk/by-${what%:*}/\$env{$value}\""
	done
)

# ephemeral_udev ROOT: leaves these rules to a root that has udev. 99-systemd.rules, which sets
# SYSTEMD_READY to 0, must come first: rules run in the order of their files' names.
ephemeral_udev() (
	[ -d "$1/etc/udev" ] || [ -d "$1/usr/lib/udev" ] || [ -d "$1/lib/udev" ] || exit 0
	dir=$(ephemeral_inside "$1" /etc/udev/rules.d) &&
		file=$(ephemeral_inside "$1" /etc/udev/rules.d/99-zz-xen-ephemeral.rules) || exit 1
	ephemeral_try "make /etc/udev/rules.d in the root" mkdir -p "$dir" || exit 1
	{ ephemeral_udev_rules >"$file"; } 2>/dev/null ||
		ephemeral_fail "cannot write 99-zz-xen-ephemeral.rules into the root's /etc/udev/rules.d"
)

# ephemeral_disk_gid ROOT: prints the number of the root's group "disk", 0 if it has none.
ephemeral_disk_gid() (
	gid=$(sed -n '/^disk:[^:]*:\([0-9][0-9]*\):.*/{s//\1/p;q;}' "$1/etc/group" 2>/dev/null)
	echo "${gid:-0}"
)

# ephemeral_private_node ROOT [NUMBER]: makes /dev/xvdb, or a partition of it, a node of dmhome or of its
# partition, so that whoever names the disk gets the mapping; the name is at no moment missing. It
# lasts: the kernel made its own node when the disk came and makes no second one, and udev leaves
# a node alone whose number is not the device's. For that reason owner and mode are set here.
ephemeral_private_node() (
	gid=$(ephemeral_disk_gid "$1")
	node=$EPHEMERAL_DEV/xvdb${2:-}
	number=$(ephemeral_number "dmhome${2:-}") || exit 1
	# shellcheck disable=SC2086 # two numbers
	rm -f "$node.new" && mknod -m 660 "$node.new" b $number && chown "0:$gid" "$node.new" &&
		mv -f "$node.new" "$node" && exit 0
	rm -f "$node.new"
	exit 1
)

# --- the step ---------------------------------------------------------------------------------

# First half: waits for the disks, lays out xvdc, maps dmroot and dmhome. On failure nothing is
# mapped.
ephemeral_map() (
	ephemeral_wait_disks && root=$(ephemeral_root_partition) &&
		ephemeral_partition "$root" && ephemeral_snapshot dmroot "$root" xvdc2 || exit 1
	if ephemeral_snapshot dmhome xvdb xvdc3; then
		ephemeral_private_ready && ephemeral_udev_settle && exit 0
		ephemeral_unmap_private
	fi
	ephemeral_unmap dmroot
	exit 1
)

# Takes back dmhome and what stands on it.
ephemeral_unmap_private() (
	for number in $(ephemeral_private_partitions); do ephemeral_unmap "dmhome$number"; done
	ephemeral_unmap dmhome
)

# ephemeral_private_nodes ROOT: the disk's own last, as it is the one whose name everybody has.
ephemeral_private_nodes() (
	for number in $(ephemeral_private_partitions); do
		ephemeral_try "make /dev/xvdb$number a node of dmhome$number" \
			ephemeral_private_node "$1" "$number" || exit 1
	done
	ephemeral_try "make /dev/xvdb a node of dmhome" ephemeral_private_node "$1"
)

# Second half. ephemeral_adapt DIR: makes the root mounted writable at DIR, and /dev, lead to dmhome.
# The nodes come last, so that a failure leaves none to put back.
ephemeral_adapt() {
	ephemeral_fstab "$1" && ephemeral_udev "$1" && ephemeral_private_nodes "$1"
}

# ephemeral_setup DIR: both halves, with dmroot mounted writable at DIR in between. Nothing else is
# left mounted. On failure nothing is left mounted or mapped; xvda and xvdb are never written.
ephemeral_setup() (
	ephemeral_map || exit 1
	if ephemeral_try "mount dmroot on $1" mount "$EPHEMERAL_DEV/mapper/dmroot" "$1"; then
		ephemeral_adapt "$1" && exit 0
		umount "$1"
	fi
	ephemeral_unmap_private
	ephemeral_unmap dmroot
	exit 1
)
