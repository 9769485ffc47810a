# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the pictures are drawn with; each writes its SVG to standard output:
#	sh docs/pictures/NAME.sh >docs/NAME.svg
# Colours are classes, so that a reader with a dark screen gets dark ones. Texts are XML.

# begin WIDTH HEIGHT TITLE DESCRIPTION
begin() {
	cat <<-X
		<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $1 $2" font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif" role="img" aria-labelledby="title description">
		<title id="title">$3</title>
		<desc id="description">$4</desc>
		<style>
		.page   { fill: #ffffff }
		.frame  { fill: #f3f5f8; stroke: #c3cad4 }
		.box    { fill: #ffffff; stroke: #5b6675; stroke-width: 1.4 }
		.cut    { stroke: #5b6675; stroke-width: 1 }
		.key    { fill: #fdf3e6; stroke: #b2560b; stroke-width: 1.4; stroke-dasharray: 5 3 }
		.bad    { fill: #fdecec; stroke: #b3261e; stroke-width: 1.4 }
		.head   { fill: #4b5563; font-size: 15px; font-weight: bold }
		.name   { fill: #16202c; font-size: 14px; font-weight: bold }
		.note   { fill: #3b4654; font-size: 12px }
		.read   { stroke: #1b62c4; stroke-width: 2.4; fill: none }
		.write  { stroke: #b2560b; stroke-width: 2.4; fill: none }
		.plain  { stroke: #b3261e; stroke-width: 2.4; fill: none }
		.cipher { stroke: #7a3fb5; stroke-width: 3; stroke-dasharray: 3 4; fill: none }
		.read-tip { fill: #1b62c4 } .write-tip { fill: #b2560b } .cipher-tip { fill: #7a3fb5 } .plain-tip { fill: #b3261e }
		@media (prefers-color-scheme: dark) {
		.page   { fill: #0f141b }
		.frame  { fill: #18202a; stroke: #3a4553 }
		.box    { fill: #222c38; stroke: #8a97a8 }
		.cut    { stroke: #8a97a8 }
		.key    { fill: #33271a; stroke: #f0a35c }
		.bad    { fill: #3a1d1d; stroke: #ff8a80 }
		.head   { fill: #b4bfcc }
		.name   { fill: #f2f5f8 }
		.note   { fill: #cbd4de }
		.read   { stroke: #73b0ff } .read-tip { fill: #73b0ff }
		.write  { stroke: #f0a35c } .write-tip { fill: #f0a35c }
		.plain  { stroke: #ff8a80 } .plain-tip { fill: #ff8a80 }
		.cipher { stroke: #c79bf5 } .cipher-tip { fill: #c79bf5 }
		}
		</style>
		<defs>
	X
	for tip in read write plain cipher; do
		tip_marker "$tip" "$tip" 9 'M0 0L10 5L0 10z'
		tip_marker "$tip" "$tip-back" 1 'M10 0L0 5L10 10z'
	done
	echo '</defs>'
	echo "<rect class=\"page\" width=\"$1\" height=\"$2\" rx=\"8\"/>"
}

# tip_marker CLASS ID POINT PATH
tip_marker() {
	echo "<marker id=\"$2\" viewBox=\"0 0 10 10\" refX=\"$3\" refY=\"5\" markerUnits=\"userSpaceOnUse\" markerWidth=\"12\" markerHeight=\"12\" orient=\"auto\"><path class=\"$1-tip\" d=\"$4\"/></marker>"
}

end() { echo '</svg>'; }

# frame X Y WIDTH HEIGHT TITLE
frame() {
	echo "<rect class=\"frame\" x=\"$1\" y=\"$2\" width=\"$3\" height=\"$4\" rx=\"8\"/>"
	echo "<text class=\"head\" x=\"$(($1 + $3 / 2))\" y=\"$(($2 + 26))\" text-anchor=\"middle\">$5</text>"
}

# box [-c CLASS] X Y WIDTH HEIGHT NAME NOTE...: the texts stand in the middle of it; a name may be empty.
box() {
	class=box
	[ "$1" != -c ] || { class=$2 && shift 2; }
	echo "<rect class=\"$class\" x=\"$1\" y=\"$2\" width=\"$3\" height=\"$4\" rx=\"5\"/>"
	texts "$@"
}

# texts X Y WIDTH HEIGHT NAME NOTE...
texts() {
	middle=$(($1 + $3 / 2)) lines=$(($# - 5)) from=$2 height=$4 name=$5
	shift 5
	below=$((lines == 0 ? 0 : 20 + 18 * (lines - 1)))
	at=$((from + (height - below) / 2 + 6))
	[ -n "$name" ] || at=$((at - 10))
	[ -z "$name" ] || echo "<text class=\"name\" x=\"$middle\" y=\"$at\" text-anchor=\"middle\">$name</text>"
	at=$((at + 20))
	for text; do
		echo "<text class=\"note\" x=\"$middle\" y=\"$at\" text-anchor=\"middle\">$text</text>"
		at=$((at + 18))
	done
}

# note X Y TEXT; middle X Y TEXT
note() { echo "<text class=\"note\" x=\"$1\" y=\"$2\">$3</text>"; }
middle() { echo "<text class=\"note\" x=\"$1\" y=\"$2\" text-anchor=\"middle\">$3</text>"; }

# one_way CLASS PATH; both_ways CLASS PATH; line PATH
one_way() { echo "<path class=\"$1\" marker-end=\"url(#$1)\" d=\"$2\"/>"; }
both_ways() { echo "<path class=\"$1\" marker-start=\"url(#$1-back)\" marker-end=\"url(#$1)\" d=\"$2\"/>"; }
line() { echo "<path class=\"cut\" d=\"$1\"/>"; }
