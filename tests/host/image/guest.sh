# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# The base of the guests' initramfs: what a guest's initramfs has before the project's step is laid
# over it. busybox for everything but the few programs that the step names.

# guest_make TREE KERNEL GUEST
guest_make() {
	local t=$1 guest=$3 applet program
	mkdir -p "$guest"/usr/{bin,sbin,lib/x86_64-linux-gnu,lib64} \
		"$guest"/{proc,sys,dev,run,tmp,etc,sysroot,root}
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$guest"
	cp "$t/usr/bin/busybox" "$guest/usr/bin/"
	for applet in $("$t/usr/bin/busybox" --list); do
		[ "$applet" = busybox ] || ln -s busybox "$guest/usr/bin/$applet"
	done
	# Where the kernel itself looks for it.
	ln -s ../bin/busybox "$guest/usr/sbin/modprobe"
	for program in "${guest_programs[@]}"; do
		# A real program must not hide behind the applet of its name.
		rm -f "$guest/usr/bin/${program##*/}"
		cp -L "$t$program" "$guest$program"
	done
	tree_libraries_of "$t" "${guest_programs[@]/#/$guest}" |
		xargs cp -L -t "$guest/usr/lib/x86_64-linux-gnu"
	cp "$t/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$guest/usr/lib64/"
	modules_copy "$2" "$guest/usr/lib/modules" "${guest_modules[@]}"
}

# guest_kernel VMLINUZ: the kernel inside of a bzImage (Documentation/x86/boot.rst: setup_sects,
# payload_offset, payload_length). libxc would unpack it at each guest's start: seconds, when emulated.
guest_kernel() {
	local sectors offset length
	sectors=$(od -An -tu1 -j 497 -N 1 "$1")
	read -r offset length < <(od -An -tu4 -j 584 -N 8 "$1")
	head -c $(((sectors + 1) * 512 + offset + length)) "$1" | tail -c "$length" | xz -dc --single-stream
}
