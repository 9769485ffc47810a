#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: what the documentation says is what the sources do: pages are clean and installed, messages and
# targets are the backend's own, links lead somewhere, pictures and examples are what they are said to be.
set -u -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1
# shellcheck source-path=SCRIPTDIR
. tests/counted.sh
. tests/docs/messages.sh
. tests/docs/links.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export LC_ALL=C
# In the tree, and not what was built or fetched.
tree() { find . \( -path ./build -o -path ./.git \) -prune -o -type f -name "$1" -print | sed 's|^\./||' | sort; }

block=xen-hotplug-scripts/block-ephemeral.8
mapfile -t pages < <(tree '*.[178]')
for page in "${pages[@]}"; do
	is "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" "$page is clean"
	is "$(sed -n 's/^\.Dt \([^ ]*\) \([0-9]\)/\1.\2/p' "$page" | tr '[:upper:]' '[:lower:]')" "${page##*/}" "$page: its title is its name"
done

# Installed, all of them, and taken away again.
into=(DESTDIR="$work/root" PREFIX=/usr SYSCONFDIR=/etc)
qubes=$(sed -n 's/^install-\(qubes\):.*/-\1/p' Makefile)
make -s install ${qubes:+install$qubes} "${into[@]}" >/dev/null
for page in "${pages[@]}"; do
	ok "$page is installed" cmp "$page" "$work/root/usr/share/man/man${page##*.}/${page##*/}"
done
ok "the example is installed" cmp docs/examples/disp.cfg "$work/root/usr/share/doc/xen-ephemeral/examples/disp.cfg"
like "$(cat "$work/root/usr/lib/udev/rules.d/09-xen-ephemeral.rules")" 'PROGRAM=="/usr/libexec/xen-ephemeral/loop-is-ours ' \
	"udev's rules name the program where it is installed"
ok "and it is there" test -x "$work/root/usr/libexec/xen-ephemeral/loop-is-ours"
make -s ${qubes:+uninstall$qubes} uninstall "${into[@]}" >/dev/null 2>&1
is "$(find "$work/root" -type f)" "" "make uninstall leaves no file"

# block-ephemeral(8): every message, and no other.
page_messages "$block" >"$work/page"
source_messages backend/*.c >"$work/sources"
like "$(wc -l <"$work/sources")" '^1[0-9][0-9]$' "the backend's messages are found in its sources"
is "$(comm -13 "$work/page" "$work/sources")" "" "every message of the backend is in the page"
is "$(comm -23 "$work/page" "$work/sources")" "" "every message in the page is one of the backend's"
is "$(sort "$work/page" | uniq -d)" "" "each once"
text=$(mandoc -T ascii -O width=1000 "$block" | col -b)
for key in $(source_keys); do
	like "$text" "[:,]$key(=|"$'\n'")" "the page has the key $key of a target"
done
for verb in $(sed -n 's/^\t{ "\([a-z]*\)", verb_.*/\1/p' backend/block.c); do
	ok "the page has the verb $verb" grep -q "^\.Cm .*\b$verb\b" "$block"
done

# What troubleshooting quotes, each in backticks, something says.
tell_all >"$work/told"
while IFS= read -r message; do
	ok "said by something: $message" told "$work/told" "$message"
done < <(quoted_messages docs/troubleshooting.md)

# Examples in the pages and in the documentation are the ones that are tested.
like "$(mandoc -T ascii -O width=1000 docs/xen-ephemeral.7 | col -b | sed 's/^ *//')" "$(grep '^[^#]' docs/examples/disp.cfg | quote)" \
	"xen-ephemeral(7) has the example's every line"

# The tour is what tests/demo/tour.sh printed: the same headings, and the same commands under each.
tour=tests/demo/tour.sh
commands=$(sed -n "s/^type_in '\(.*\)'\$/# \1/p; /^## /p" "$tour")
like "$commands" "# xl create -q disp.cfg.*# xl destroy disp" "$tour has commands"
is "$(sed -n '/^## /p; /^```/,/^```/s/^# /# /p' docs/tour.md)" "$commands" "docs/tour.md has them and no others: else make tour >docs/tour.md"
unlike "$(cat docs/tour.md)" "FAILED|BROKEN" "each did what it says"
like "$(tail -n 1 docs/tour.md)" '^```$' "it is whole"

mapfile -t documents < <(tree '*.md')
for document in "${documents[@]}"; do
	is "$(broken_links "$document")" "" "$document: its links lead somewhere"
done
for document in docs/*.md; do
	ok "README.md leads to $document" grep -q "](${document}[)#]" README.md
done

for picture in docs/pictures/*.sh; do
	name=$(basename "$picture" .sh)
	[ "$name" != lib ] || continue
	is "$(sh "$picture" | md5sum)" "$(md5sum <"docs/$name.svg")" "docs/$name.svg is what $picture draws"
done
for picture in docs/*.svg; do
	ok "$picture is drawn by a script" test -e "docs/pictures/$(basename "$picture" .svg).sh"
	ok "$picture is well-formed" xmllint --noout "$picture"
	ok "$picture can be read in the dark" grep -q 'prefers-color-scheme: dark' "$picture"
	is "$(cat ./*.md docs/*.md | grep -c "$(basename "$picture")")" 1 "$picture is shown once"
done
counted_end
