#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh PROGRAM: what xen-ephemeral says to a person, on a machine without Xen and device-mapper, and
# that its help, its manual page and its completion know the same verbs and options.
set -u -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "$1")
page=$top/command/xen-ephemeral.8
# shellcheck source-path=SCRIPTDIR
. "$top/tests/counted.sh"
# shellcheck source=/dev/null
. "$top/completion/xen-ephemeral"

# wrong WORDS PATTERN: 2, one line on stderr, nothing on stdout.
wrong() {
	local out err status
	# shellcheck disable=SC2086
	err=$("$program" $1 2>&1 >/dev/null)
	status=$?
	# shellcheck disable=SC2086
	out=$("$program" $1 2>/dev/null)
	is "$status:$(wc -l <<<"$err"):$out" "2:1:" "xen-ephemeral $1: one line and 2"
	like "$err" "$2" "xen-ephemeral $1: says what is wrong"
}

wrong "" "a verb is missing \(see xen-ephemeral --help\)"
wrong "frobnicate" "unknown verb frobnicate"
wrong "--json" "unknown verb --json"
wrong "status --frob" "cannot use --frob: this verb has no such option \(usage: xen-ephemeral status"
wrong "status --all" "cannot use --all"
wrong "status a b" "cannot use b"
wrong "verify" "a domain or --all is missing"
wrong "verify --all x" "a domain and --all exclude each other"
wrong "verify --scan" "cannot use --scan: needs a value"
wrong "wipe" "a domain or --all is missing"
wrong "sweep x" "cannot use x"
wrong "close" "a name is missing"
wrong "arm a b" "cannot use b"
wrong "open x" "cannot use x"

# What root alone is told, since nobody else gets that far.
if [ "$(id -u)" = 0 ]; then
	wrong "close a/b" "cannot use the volume's name a/b"
	wrong "open" "--name is missing"
	wrong "open --name a/b --dev /dev/x" "cannot use --name a/b"
	wrong "open --name a" "either --dir or --dev"
	wrong "open --name a --dir /x --dev /y" "either --dir or --dev"
	wrong "open --name a --dir /x" "--size goes with --dir"
	wrong "open --name a --dev /x --size 4M" "--size goes with --dir"
	wrong "open --name a --dir /x --size 4Q" "cannot understand size 4Q"
	wrong "open --name a --dir /x --size 4097" "not a multiple of 4096"
	wrong "open --name a --dir x --size 4M" "not an absolute path"
	wrong "open --name a --dir /a,b --size 4M" "a comma in it"
	wrong "open --name a --dev /x --sector 1024" "512 or 4096"
	wrong "open --name a --dev /x --workqueue all" "none, read, write or both"
	wrong "verify --scan /dev/null x" "cannot read the marker /dev/null: it has fewer than 8 bytes, or more than 4096"
	like "$("$program" verify --scan /nonexistent x 2>&1)" "cannot read the marker /nonexistent: No such file" \
		"a marker's file that is not there"
	like "$(echo 1234567 | "$program" verify --scan - x 2>&1)" "cannot read the marker -: it has fewer" \
		"a marker from standard input that is too short"
	if [ ! -e /proc/xen/capabilities ]; then
		like "$(echo 12345678 | "$program" verify --scan=- x 2>&1)" "cannot talk to Xen" "and one that is long enough"
		for verb in status "verify --all" sweep; do
			# shellcheck disable=SC2086
			is "$("$program" $verb 2>&1)" "xen-ephemeral: ${verb%% *}: cannot talk to Xen: is this dom0 of a Xen host, and is xenstored running?" \
				"$verb without Xen: one line"
		done
	fi
	if ! grep -q device-mapper /proc/devices /proc/misc; then
		like "$("$program" wipe --all 2>&1)" "cannot call the kernel's device-mapper /dev/mapper/control: .* \(is the device-mapper module there\?\)" \
			"wipe without device-mapper: what to do"
	fi
	is "$(setpriv --reuid 65534 "$program" status 2>&1)" \
		"xen-ephemeral: status: cannot run: only root may look at and change these devices" "as another user"
fi

is "$("$program" --version)" "xen-ephemeral $(cat "$top/version")" "--version"
ok "--help" "$program" --help
ok "its output into a closed pipe is no crash" bash -c "'$program' --help | true"
fails "its output into a full disk is a failure" bash -c "'$program' status --help >/dev/full"

verbs=$("$program" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
is "$(wc -w <<<"$verbs")" 7 "seven verbs"
is "$(sort <<<"$verbs")" "$(sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' "$page" | sort -u)" "the page has the same verbs"
is "$(_xen_ephemeral_words '' '' | grep -v '^--' | sort)" "$(sort <<<"$verbs")" "and the completion"
in_help() { "$program" "$1" --help | head -n 1 | grep -oE -- '--[a-z-]+' | sort -u; }
in_page() { # the options in the verb's own synopsis
	awk -v verb="$1" '/^\.Sh/ { s = $2 == "SYNOPSIS"; next } !s { next } /^\.Nm/ { v = ""; next }
		/^\.Cm/ { v = $2; next } v == verb' "$page" | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u
}
for verb in $verbs; do
	is "$(in_page "$verb")" "$(in_help "$verb")" "$verb: the page has the same options as the help"
	is "$(_xen_ephemeral_words "$verb" "$verb" 2>/dev/null | grep '^--' | sort)" "$(in_help "$verb")" \
		"$verb: and the completion"
done
for option in $(for verb in $verbs; do in_help "$verb"; done | sort -u); do
	ok "the page explains $option" grep -q "^\.It .*Fl -${option#--}" "$page"
done
if command -v mandoc >/dev/null; then
	is "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" "the page is clean"
else
	fail_with "mandoc is missing"
fi
counted_end
