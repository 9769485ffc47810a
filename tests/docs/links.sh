# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# anchors DOCUMENT: of its headings, as forges make them.
anchors() {
	sed -n '/^```/,/^```/!s/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed "s/[^a-z0-9 _-]//g; s/ /-/g"
}

# broken_links DOCUMENT: its relative links that lead nowhere.
broken_links() {
	local document=$1 folder link file anchor
	folder=$(dirname "$document")
	while IFS= read -r link; do
		case $link in
		http://* | https://* | mailto:*) continue ;;
		esac
		file=${link%%#*} anchor=''
		[ "$file" = "$link" ] || anchor=${link#*#}
		if [ -n "$file" ]; then file=$folder/$file; else file=$document; fi
		[ -e "$file" ] || { echo "$link: no such file" && continue; }
		[ -z "$anchor" ] || anchors "$file" | grep -qxF -e "$anchor" || echo "$link: no such heading"
	done < <(grep -oE '\]\([^) ]+\)' "$document" | sed 's/^](//; s/)$//')
}
