# shellcheck shell=bash disable=SC2154,SC2054
# SPDX-License-Identifier: GPL-2.0-or-later
# One QEMU: what the host writes to its virtio port comes out of the pipe "out", the console goes to
# a file. (QEMU's stdio would not do: it closes the port when its standard input ends.)

# qemu_command KIND: sets the array qemu. Why each CPU flag is off for Xen: with smap, smep, pku or
# la57 the PV dom0 dies early; with rdtscp PVH guests crash under emulated SVM; with xsave, and so with
# AVX, programs of guests and of dom0 now and then die of an invalid opcode or compute nonsense.
qemu_command() {
	local host='panic=-1 quiet rdinit=/init' disk threads=multi
	[ -z "$icount" ] || threads=single
	qemu=(timeout --kill-after=5 "$limit" qemu-system-x86_64 -accel "tcg,thread=$threads" -smp 2
		-m "$memory" -display none -no-reboot -net none -serial "file:$console" -monitor "$monitor"
		-chardev file,id=out,path=out -device virtio-serial-pci
		-device virtserialport,chardev=out,name=out)
	if [ "$1" = vm ]; then
		qemu+=(-cpu max -kernel "$image/vmlinuz" -initrd initrd -append "console=ttyS0 $host")
	else
		qemu+=(-cpu max,-la57,-smap,-smep,-pku,-rdtscp,-xsave,-avx,-avx2,-fma,-f16c -kernel "$image/xen"
			-append "console=com1 com1=115200,8n1 $xen_options loglvl=info noreboot=0 bootscrub=0"
			-initrd "vmlinuz console=hvc0 $host,initrd")
	fi
	# The first disk is /scratch. Nothing of it outlives the run, so the host need not wait for it.
	qemu+=(-drive "file=scratch.img,format=raw,if=virtio,cache=unsafe")
	[ -z "$icount" ] || qemu+=(-icount "shift=$icount,sleep=off")
	for disk in "${disks[@]}"; do qemu+=(-drive "file=$disk,format=raw,if=virtio"); done
}
