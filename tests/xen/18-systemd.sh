#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1200
# A real Debian system with systemd, whose initramfs initramfs-tools made with our scripts: it boots to
# multi-user by its own fstab, / on dmroot, /rw on dmhome, swap on xvdc, and no unit fails or waits in vain.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
root=/dev/vdb # run.sh --disk
image_private private.img 32
sums=$(md5sum "$root" private.img)
before=$(host_state)
GUEST_MEMORY=400 GUEST_RAMDISK=/guest/tools.img GUEST_EXTRA="root=/dev/mapper/dmroot ro marker=$marker" \
	guest_config system "$(disk ro xvda "$root")" "$(disk ro xvdb "$PWD/private.img")" \
	"$(disk rw xvdc "volatile:dir=$PWD,size=500M")"
ok "xl create" guest_start system
ok "it comes up" guest_wait_for_text system "REPORT end:" 800
# A report that was cut off is followed by a whole one.
console=$(guest_console system | awk '/^REPORT begin/ { text = "" } { text = text $0 "\n" } END { printf "%s", text }')
said() { grep "^REPORT $1: " <<<"$console"; }
is "$(said multi-user)" "REPORT multi-user: active" "multi-user.target is active"
is "$(said failed)" "" "no unit failed"
is "$(said journal)" "" "and none timed out"
like "$(said /)" "/dev/mapper/dmroot +rw," "/ is dmroot"
like "$(said /rw)" "/dev/mapper/dmhome +rw," "/rw is dmhome"
like "$(said df)" "/dev/mapper/dmhome +[0-9].* /rw" "df -h shows dmhome"
like "$(said swap)" "/dev/xvdc1 +partition" "swap is on xvdc1"
is "$(said private | uniq | wc -l)" 1 "the filesystem's UUID leads to dmhome, not to its store"
is "$(said /root)$(said /rw | head -n 1)" "REPORT /root: writtenREPORT /rw: written" "it has written to both"
domid=$(xl domid system)
mapping=$(mapping_of "$domid" $xvdc)
device=$(device_of "$mapping")
like "$(count_in "$marker" "$device")" '^[1-9][0-9]{3,}$' "the marker is found through the mapping"
is "$(count_in "$marker" "$(store_of "$device")")" 0 "and in no byte of the store"
is "$(md5sum "$root" private.img)" "$sums" "both images are unchanged while it runs"
ok "verify: the promise holds" xen-ephemeral verify system
xl shutdown system >/dev/null
ok "it powers off" guest_gone system 180
nothing_left "after poweroff" "$before"
is "$(md5sum "$root" private.img)" "$sums" "both images are unchanged"
