# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages, resolved and downloaded by apt into the cache. apt is given a state of its own,
# in which nothing is installed: the machine's own packages neither matter nor change, and no root
# is needed. Signatures and sums are checked by apt as always, with the machine's own sources.

fetch_apt() {
	local state=$cache/apt
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	: >>"$state/status"
	apt-get -q -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" \
		-o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Acquire::Retries=3 "$@"
}

# Prints one "name=version" a line for all that goes into the image.
fetch_resolve() {
	fetch_apt update >&2
	fetch_apt install -s --no-install-recommends "${packages[@]}" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' | grep -Ev "$unwanted" | LC_ALL=C sort
}

# fetch_download LIST FOLDER: FOLDER gets exactly the packages of LIST.
fetch_download() {
	local wanted
	mapfile -t wanted <"$1"
	mkdir -p "$2"
	(cd "$2" && fetch_apt download "${wanted[@]}" >&2)
}
