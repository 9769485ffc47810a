#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# dpkg has installed the package here, and its example works as it is: not a byte of it is changed, only what it names
# is put there.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh
example=/usr/share/doc/xen-ephemeral/examples/disp.cfg

is "$(dpkg-query -W -f '${db:Status-Status} ${Version}' xen-ephemeral)" \
	"installed $(dpkg-deb -f /packages/xen-ephemeral_*.deb Version)" "dpkg has installed the package"
is "$(dpkg --verify xen-ephemeral 2>&1)" "" "its files are as packed"
is "$(dpkg-query -S $example)" "xen-ephemeral: $example" "the example is the package's"
example_images
sums=$(md5sum images/root.img images/private.img)
before=$(host_state)

cp "$example" "$guest_dir/disp.cfg"
ok "xl create disp.cfg" guest_start disp
ok "the guest is up" guest_wait_for_text disp "GUEST READY" 180
console=$(guest_console disp)
like "$console" "GUEST marker / written, /dev/mapper/dmroot rw" "its / is dmroot"
like "$console" "GUEST marker /rw written, /dev/mapper/dmhome rw" "its /rw is dmhome"
run xen-ephemeral verify disp
is "$status" 0 "verify: the promise holds"
unlike "$out" "BROKEN" "no line is broken"
run xen-ephemeral status disp
like "$out" "xvda +read-only 64 MiB, /var/lib/images/root.img" "status names the root image"
like "$out" "xvdc +volatile +12 GiB, .* unnamed file in /var/lib/xen-ephemeral" "and the store"
ok "xl shutdown" xl shutdown disp
ok "the guest powers off" guest_gone disp 60
nothing_left "after poweroff" "$before"
is "$(md5sum images/root.img images/private.img)" "$sums" "both images are unchanged"
is "$(ls -A stores)" "" "no file is left in the folder of the stores"
example_images_end
