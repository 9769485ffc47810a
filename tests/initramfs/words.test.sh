# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Help, page and completion know the same.

page=$top/guest/initramfs/xen-ephemeral-initramfs.8
verbs=$("$program" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
is "$(wc -w <<<"$verbs")" 3 "three verbs"
is "$(sort <<<"$verbs")" "$(sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' "$page" | sort -u)" "the page has the same verbs"
is "$(_xen_ephemeral_initramfs_words '' | grep -v '^--' | sort)" "$(sort <<<"$verbs")" "and the completion"
in_page() { # the options in the verb's own synopsis
	awk -v verb="$1" '/^\.Sh/ { s = $2 == "SYNOPSIS"; next } !s { next } /^\.Nm/ { v = ""; next }
		/^\.Cm/ { v = $2; next } v == verb' "$page" | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u
}
for verb in $verbs; do
	options=$("$program" "$verb" --help | head -n 1 | grep -oE -- '--[a-z]+' | sort -u)
	is "$(_xen_ephemeral_initramfs_words "$verb" | grep '^--' | sort)" "$options" "$verb: the completion has the same options as the help"
	is "$(in_page "$verb")" "$options" "$verb: so has the page"
	for option in $options; do ok "the page explains $option" grep -q "^\.It .*Fl -${option#--}" "$page"; done
done
is "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" "the page is clean"
