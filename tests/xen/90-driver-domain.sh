#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# A driver domain: a PVH guest whose `xl devd` runs the hotplug script for another domain's disk.
. /tests/lib.sh
. /tests/lib-xen.sh
. /tests/lib-disks.sh

# The driver domain's system is the emulated host's own, with another /init.
driver_system() {
	mkdir -p tree/usr/libexec/xen-ephemeral tree/etc/xen/scripts
	cp "$backend" tree/usr/libexec/xen-ephemeral/
	cp "$hotplug" tree/etc/xen/scripts/
	cat >tree/init <<'X'
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /run/xen /run/lock /var/log/xen
for module in xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-blkback loop dm-mod dm-crypt \
	xts aesni_intel; do
	modprobe "$module"
done
mount -t xenfs xenfs /proc/xen
xl devd -F 2>&1 &
echo "DRIVER UP"
while sleep 0.5; do
	now="DRIVER HAS $(dmsetup ls | grep -c '^xeneph') mappings, $(losetup -a | wc -l) loops"
	[ "$now" = "$seen" ] || echo "$now, $(dmsetup info | grep -o 'DEFERRED REMOVE')"
	seen=$now
done
X
	chmod 755 tree/init
	{
		cat /guest/host.cpio.zst
		# The next archive must start at a multiple of four bytes.
		head -c $(((4 - $(stat -c %s /guest/host.cpio.zst) % 4) % 4)) /dev/zero
		(cd tree && find . | busybox cpio -o -H newc)
	} >driver.cpio
}

# driver_has TEXT: what it has said last, maybe in the middle of a line that xl devd has begun.
driver_has() { [ "$(guest_console driver | grep -o 'DRIVER HAS .*' | tail -n 1)" = "DRIVER HAS $1" ]; }

ok "a driver domain's system is made" driver_system
before=$(host_state)
GUEST_MEMORY=700 GUEST_LINES='driver_domain=1' guest_config driver
sed -i "s|^ramdisk=.*|ramdisk=\"$PWD/driver.cpio\"|" "$guest_dir/driver.cfg"
ok "the driver domain starts" guest_start driver
ok "and is up" guest_wait_for_text driver "DRIVER HAS 0 mappings" 90

GUEST_RUN='echo SECRET | dd of=/dev/xvdc bs=4096 conv=sync oflag=direct; head -c 6 /dev/xvdc; sleep 1000' \
	guest_config user "backend=driver,$(disk rw xvdc volatile:dir=/tmp,size=64M)"
ok "a guest with a disk from there starts" guest_start user
ok "it writes to the disk and reads it" guest_wait_for_text user SECRET 60
ok "the driver domain has the mapping, armed" \
	guest_wait_for_text driver "DRIVER HAS 1 mappings, 1 loops, DEFERRED REMOVE" 30
is "$(dmsetup ls)" "No devices found" "dom0 has none"

# dom0 does not wait for a driver domain's script: the domain starts, and its disk never comes.
GUEST_RUN='sleep 1000' guest_config bad "backend=driver,$(disk rw xvdc volatile:dir=/tmp,size=0)"
guest_start bad >/dev/null 2>&1
ok "of a refused disk the driver domain says why" guest_wait_for_text driver \
	"of domain $(xl domid bad): cannot understand size 0: a size is a number above 0" 40
ok "and it makes nothing" driver_has "1 mappings, 1 loops, DEFERRED REMOVE"
xl destroy bad

xl destroy user
ok "after xl destroy the driver domain has nothing" wait_for 20 driver_has "0 mappings, 0 loops, "
xl destroy driver
nothing_left "in the end" "$before"
