#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# The main job: a disposable PVH domain by `xl create`. What it writes to /, to /rw and to swap is
# readable through its mapping and nowhere else; when it powers off everything is gone before the
# remove script has done anything.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

marker=MARKER-$(head -c 12 /dev/urandom | base64 | tr -dc A-Za-z0-9)
image_root root.img 64
image_private private.img 32
sums=$(md5sum root.img private.img)
before=$(host_state)

# The same script, which when Xen asks it to remove a disk first writes down what there is. blkback closes a device some
# time after it has said so to Xen, so it is given that time; Xen gives a script 40 s.
cat >/etc/xen/scripts/block-watched <<'X'
#!/bin/sh
seen() { dmsetup ls; losetup -a; }
[ "$1" != remove ] || {
	end=$(($(date +%s) + 20))
	while [ "$(seen)" != "No devices found" ] && [ "$(date +%s)" -lt "$end" ]; do sleep 0.2; done
	seen >>/run/seen-at-remove
}
exec /etc/xen/scripts/block-ephemeral "$@"
X
chmod 755 /etc/xen/scripts/block-watched
watched() { disk "$@" | sed 's/block-ephemeral/block-watched/'; }
GUEST_MEMORY=220 GUEST_EXTRA="rw marker=$marker hold=forever" guest_config disp \
	"$(watched ro xvda "$PWD/root.img")" "$(watched ro xvdb "$PWD/private.img")" \
	"$(watched rw xvdc "volatile:dir=$PWD,size=200M")"
ok "xl create" guest_start disp
ok "the guest writes its markers" guest_wait_for_text disp "GUEST READY $marker" 90
domid=$(xl domid disp)
mapping=$(mapping_of "$domid" $xvdc)

console=$(guest_console disp)
like "$console" "GUEST marker / written, /dev/mapper/dmroot rw" "the guest's / is dmroot"
like "$console" "GUEST marker /rw written, /dev/mapper/dmhome rw" "the guest's /rw is dmhome"
like "$console" "GUEST marker swap written" "the guest's swap has the marker"
like "$console" "/dev/mapper/dmhome +[0-9].* /rw" "df shows dmhome"

sync
device=$(device_of "$mapping")
store=$(store_of "$device")
found=$(count_in "$marker" "$device")
like "$found" '^[1-9][0-9]{2,}$' "the marker is found through the mapping ($found times)"
is "$(count_in "$marker" "$store")" 0 "and in no byte of the store"
is "$(count_in "$marker" root.img)" 0 "nor of the root image"
is "$(count_in "$marker" private.img)" 0 "nor of the private image"
is "$(md5sum root.img private.img)" "$sums" "both images are unchanged while it runs"
is "$(find . -maxdepth 1 -type f | sort | tr '\n' ' ')" "./private.img ./root.img " \
	"the store has no name"

table=$(dmsetup table --showkeys "$mapping")
like "$table" "^0 409600 crypt aes-xts-plain64 :64:logon:xeneph:$mapping 0 [0-9]+:[0-9]+ 0 2 no_read_workqueue no_write_workqueue\$" \
	"the table shows no key"
keyless "the key is in no keyring"
like "$(dmsetup info "$mapping")" "ACTIVE \(DEFERRED REMOVE\)" "the mapping is armed"
is "$(dmsetup info -c --noheadings -o open "$mapping")" 1 "and blkback alone has it open"
is "$(vbd_node "$domid" $xvdc hotplug-status)" connected "hotplug-status is connected"
is "$(vbd_node "$domid" $xvdc physical-device-path)" "" "no physical-device-path is published"
for vdev in $xvda $xvdb; do
	is "$(cat "/sys/bus/xen-backend/devices/vbd-$domid-$vdev/mode")" r "blkback has $vdev read-only"
done
is "$(losetup --noheadings -l -O RO,AUTOCLEAR | sort | tr -s ' \n' ' ')" " 0 1 1 1 1 1 " \
	"three loops, two of them read-only, all clear themselves"
is "$(grep -c "of domain $domid:" /var/log/syslog)" 0 "nothing is logged about it"

ok "xl shutdown" xl shutdown disp
ok "the guest powers off" guest_gone disp 60
is "$(sort -u /run/seen-at-remove)" "No devices found" "all was gone before remove did anything"
nothing_left "after poweroff" "$before"
is "$(md5sum root.img private.img)" "$sums" "both images are unchanged"
