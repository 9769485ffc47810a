# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes into the emulated hosts: everything here is unpacked below the cache, nothing installed.
# shellcheck disable=SC2034 # read by the scripts that source this file

# Debian's names; their dependencies come along. fio and what only fio needs become an archive of
# their own (`run.sh --fio`), since they are as large as all the rest together.
packages=(
	linux-image-amd64 xen-hypervisor-4.17-amd64 xen-utils-4.17 xenstore-utils
	base-files base-passwd bash bsdutils coreutils dash diffutils findutils grep gzip hostname mawk mount
	procps sed tar util-linux util-linux-extra
	busybox-static cryptsetup-bin dmsetup e2fsprogs fdisk fio gdb-minimal keyutils kmod strace udev
	dpkg libgcrypt20 libdevmapper1.02.1 libjson-c5 libxenmisc4.17 libxenstore4 libxentoolcore1
)

# Dependencies that only maintainer scripts, pygrub or an installed system's boot would use.
unwanted='^(apt|debconf|gcc-12-base|init-system-helpers|initramfs-tools.*|klibc-utils|libapt.*'
unwanted+='|libklibc|libperl.*|libpython.*|linux-base|linux-image-amd64|perl.*|python3.*|media-types'
unwanted+='|usrmerge|lib.*-perl|passwd|libpam-.*|adduser|readline-common|sensible-utils|ucf|tzdata)='

# Paths of those packages that only cost time to unpack at every boot.
excludes=(
	./usr/share/doc ./usr/share/man ./usr/share/locale ./usr/share/info ./usr/share/lintian
	./usr/share/bug ./usr/share/zoneinfo ./usr/share/bash-completion ./usr/share/perl5
	'./lib/udev/hwdb.*' './usr/lib/udev/hwdb.*' './usr/lib/*/gconv' ./usr/lib/python3 ./usr/include
	'./usr/lib/xen-*/boot' ./etc/init.d ./etc/cron.d ./etc/logrotate.d './boot/*.efi'
	'./lib/systemd/system' './usr/lib/systemd/system' ./usr/lib/x86_64-linux-gnu/security
	'./boot/System.map*' './boot/config*'
	'./lib/modules/*/kernel/sound' './lib/modules/*/kernel/net'
	'./lib/modules/*/kernel/drivers/'{bluetooth,gpu,hid,hwmon,iio,infiniband,input,media,mfd,mmc,net}
	'./lib/modules/*/kernel/drivers/'{platform,scsi,staging,thunderbolt,tty,usb,video}
)

# For the programs under test, and for what is loaded by name at run time.
kept_libraries='ld-linux|libgcrypt|libgpg-error|libxenstore|libdevmapper|libxentoolcore|libxenlight|libjson-c'
kept_libraries+='|libxentoollog|libgcc_s|libnss_|libz|libkmod'

modules=(
	virtio_pci virtio_blk virtio_console ext4 vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8
	overlay squashfs loop brd null_blk
	dm-mod dm-crypt dm-snapshot dm-thin-pool dm-integrity dm-delay dm-flakey dm-zero
	xts aesni_intel crc32c_generic crc32c-intel algif_skcipher
	xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-blkback
)

guest_modules=(xen-blkfront dm-mod dm-bufio dm-snapshot ext4 jbd2 mbcache crc16 crc32c_generic libcrc32c)
guest_programs=(/usr/sbin/dmsetup /usr/sbin/sfdisk /usr/sbin/mkfs.ext4)
