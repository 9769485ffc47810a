#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# setup.sh PACKAGE...: makes sure that Debian packages are installed: quick when they are, by apt when
# they are not and we are root, else one line with the command that a person can run.
set -eu

# Elsewhere the build says itself what it misses.
command -v dpkg-query >/dev/null || exit 0
missing=''
for package; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0
command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "missing packages (Debian's names); as root: $command" >&2
	exit 1
fi
# Two tiers may ask at the same time; apt would turn the second away.
exec 9>/run/lock/xen-ephemeral-setup
flock 9
echo "installing$missing"
apt-get update -qq
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
exec $command -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 >/dev/null
