# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs that the machine itself needs to make and to run the emulated hosts.

# "program package": the program is looked for, so that the usual case costs no call of dpkg.
tools=(
	'qemu-system-x86_64 qemu-system-x86' 'cpio cpio' 'zstd zstd' 'mkfs.ext4 e2fsprogs'
	'depmod kmod' 'flock util-linux' 'xz xz-utils'
)

# Prints the packages of the tools that are missing.
tools_missing() {
	local tool
	for tool in "${tools[@]}"; do
		PATH=$PATH:/usr/sbin:/sbin command -v "${tool% *}" >/dev/null || echo "${tool#* }"
	done
	# Option ROMs: without them qemu refuses to start, and they are only recommended by its package.
	[ -e /usr/share/seabios/bios-256k.bin ] || echo seabios
}

# Installs what is missing, or says in one line what to type and exits 77 (skipped; CI fails on it).
tools_require() {
	local missing
	mapfile -t missing < <(tools_missing)
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "missing tools: apt-get install --no-install-recommends ${missing[*]}" >&2
		exit 77
	fi
	echo "installing ${missing[*]}" >&2
	{ apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
		--no-install-recommends "${missing[@]}"; } >&2
}
