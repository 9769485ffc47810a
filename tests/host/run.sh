#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh vm|xen [OPTION...] TEST.sh...         boots one emulated host and runs the tests in it
# run.sh vm|xen [OPTION...] --script FILE      runs one program in it; its output and status are ours
#   --overlay DIR     laid over the host's root, e.g. what `make install DESTDIR=DIR` made; repeatable
#   --guest DIR       laid over the base of the guests' initramfs (xen)
#   --fio             fio is there
#   --hvm             QEMU for HVM guests is there (xen)
#   --python          Python is there
#   --valgrind        callgrind is there
#   --disk FILE       one more disk, raw: /dev/vdb, /dev/vdc, ...; repeatable
#   --env NAME=VALUE  in the tests' environment; repeatable
#   --limit SECONDS   for the whole run, default 900
#   --memory SIZE     default 1200M (vm), 4G (xen)
#   --xen OPTIONS     default "dom0_mem=1500M dom0_max_vcpus=1"
#   --icount SHIFT    time passes by instructions, 2^SHIFT ns each, whatever else this machine does: slower, and even
#   --monitor SOCKET  opens QEMU's monitor there
#   --dump PROGRAM    runs it on dumps of the whole memory, when a test asks (machine_memory in lib.sh)
#   --name NAME       of the logs build/logs/NAME.{log,out}, default vm or xen
#   --verbose         shows also what is neither a result nor a comment
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/pack.sh"
. "$here/boot/dump.sh"
. "$here/boot/overlay.sh"
. "$here/boot/qemu.sh"
. "$here/boot/report.sh"

fatal() {
	echo "run.sh: $*" >&2
	exit 2
}

usage() {
	sed -n '3,/^set/{/^#  *shell/d;s/^# \?//p}' "$0" >&2
	exit 2
}

overlays=() disks=() tests=() environment=() extras=() archives=() guest='' fio='' icount='' script='' limit=900 monitor=none dump_program=''
xen_options='dom0_mem=1500M dom0_max_vcpus=1' verbose='' kind=${1:-} name=${1:-}
case $kind in vm) memory=1200M ;; xen) memory=4G ;; *) usage ;; esac
shift
while [ $# -gt 0 ]; do
	case $1 in
	--fio) fio=1 && shift && continue ;;
	--hvm | --python | --valgrind) extras+=("${1#--}") && shift && continue ;;
	--verbose) verbose=1 && shift && continue ;;
	--*) [ $# -gt 1 ] || usage ;;
	*) tests+=("$(realpath -e "$1")") && shift && continue ;;
	esac
	case $1 in
	--overlay) overlays+=("$(realpath -e "$2")") ;;
	--guest) guest=$(realpath -e "$2") ;;
	--disk) disks+=("$(realpath -e "$2")") ;;
	--env) environment+=("$2") ;;
	--limit) limit=$2 ;;
	--memory) memory=$2 ;;
	--icount) icount=$2 ;;
	--xen) xen_options=$2 ;;
	--monitor) monitor=unix:$(realpath "$2"),server,nowait ;;
	--dump) dump_program=$(realpath -e "$2") ;;
	--name) name=$2 ;;
	--script) script=$(realpath -e "$2") ;;
	*) usage ;;
	esac
	shift 2
done
[ -n "$script" ] || [ ${#tests[@]} -gt 0 ] || usage

image=$("$here/build.sh")
[ -z "$fio" ] || archives+=("$image/fio.cpio.zst")
for extra in "${extras[@]}"; do
	archive=$("$here/$extra.sh")
	archives+=("$archive")
done
mkdir -p "$top/build/logs"
# One of a name at a time, for the logs are its own. Two fit on two cores: a host keeps one busy.
exec 9>"$top/build/logs/$name.lock"
flock -n 9 || { echo "emulated host: waiting for another run to end" >&2 && flock 9; }
console=$top/build/logs/$name.log output=$top/build/logs/$name.out
work=$(mktemp -d "$top/build/run.XXXXXX")
pid=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# Everything that the kernels load, in $work; only what this run brings is packed.
prepare() {
	local root=$work/root overlay setting
	mkdir -p "$root"
	overlay_tests "$root" "${tests[@]}"
	install -m 755 "$here/inside/init" "$here/inside/run-tests" "$root/"
	for setting in "${environment[@]}"; do
		printf 'export %s=%q\n' "${setting%%=*}" "${setting#*=}" >>"$root/tests/environment"
	done
	if [ -n "$script" ]; then
		install -m 755 "$script" "$root/tests/script"
		echo "$limit" >"$root/tests/limit"
	fi
	[ "$kind" = vm ] || overlay_guest "$root" "$image" "$guest"
	for overlay in "${overlays[@]}"; do overlay_lay "$overlay" "$root"; done
	{
		cat "$image/base.cpio.zst"
		# A compressed archive ends anywhere; the next must start at a multiple of four bytes.
		align "$image/base.cpio.zst"
		for archive in "${archives[@]}"; do cat "$archive" && align "$archive"; done
		pack "$root"
	} >"$work/initrd"
	ln -s "$image/vmlinuz" "$work/vmlinuz"
	truncate -s 1G "$work/scratch.img"
	mkfs.ext4 -q -F "$work/scratch.img"
}

align() { head -c $(((4 - $(stat -c %s "$1") % 4) % 4)) /dev/zero; }

echo "emulated host: booting $kind" >&2
prepare
cd "$work"
qemu_command "$kind"
[ -z "$dump_program" ] || dump_prepare
: >"$console"
# A pipe by name, so that qemu is our own child and its status is known. Its standard output is the
# pipe too: the pipe ends when qemu does, even if it never comes to open it.
mkfifo out
"${qemu[@]}" </dev/null >out 2>qemu.err 9>&- &
pid=$!
while IFS= read -r line || [ -n "$line" ]; do
	printf '%s\n' "$line" >&3
	report_line "$line"
done 3>"$output" <out
status=0
wait "$pid" || status=$?
pid=
cat qemu.err >>"$console"
report_close "$status" "$console"
if [ -n "$script" ]; then
	[[ $script_status =~ ^[0-9]+$ ]] || exit 1
	exit "$script_status"
fi
mapfile -t names <root/tests/order
report_totals "${names[@]}"
