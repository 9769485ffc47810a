# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The root's /etc/fstab: one field changes, nothing else, and nothing outside of the root.
. ./lib.sh

R=$T/root
edit() { # DESCRIPTION IN OUT: both are formats of printf
	# shellcheck disable=SC2059 # formats are what they are
	is "fstab: $1" "$(printf "$3" && echo .)" "$(printf "$2" | ephemeral_fstab_edit && echo .)"
}

edit "Qubes' line" '/dev/xvdb\t\t/rw\t\tauto noauto 1 2\n' '/dev/mapper/dmhome\t\t/rw\t\tauto noauto 1 2\n'
edit "spaces" '/dev/xvdb  /rw ext4 a\tb 0 0\n' '/dev/mapper/dmhome  /rw ext4 a\tb 0 0\n'
edit "leading white space stays" ' \t /dev/xvdb /rw\n' ' \t /dev/mapper/dmhome /rw\n'
edit "each line that has it" '/dev/xvdb /a\n/dev/xvdb /b\n' '/dev/mapper/dmhome /a\n/dev/mapper/dmhome /b\n'
edit "the field alone" '/dev/xvdb\n' '/dev/mapper/dmhome\n'
edit "no newline at the end" 'x\n/dev/xvdb /rw' 'x\n/dev/mapper/dmhome /rw'
edit "a line's end of DOS" '/dev/xvdb /rw\r\n' '/dev/mapper/dmhome /rw\r\n'
edit "bytes that are no UTF-8" '/dev/xvdb /\377\n' '/dev/mapper/dmhome /\377\n'
for same in '# /dev/xvdb /rw\n' '#/dev/xvdb /rw\n' ' # /dev/xvdb\n' '/dev/xvdb1 /rw\n' '/dev/xvdba /rw\n' \
	'/dev/xvd /rw\n' '/dev/xvdc1 none swap\n' '/dev/mapper/dmroot / ext4 /dev/xvdb 1\n' \
	'UUID=1 /dev/xvdb x\n' 'x/dev/xvdb /rw\n' '/dev/xvdb#1 /rw\n' '/dev/xvdb/ /rw\n' '/dev/xvdb\\040 /rw\n' \
	'/dev/mapper/dmhome /rw\n' '' '\n\n' '/dev//xvdb /rw\n'; do
	edit "untouched: $same" "$same" "$same"
done

fresh() { # makes an empty root
	rm -rf "$R" "$T/out"
	mkdir -p "$R/etc" "$T/out"
}
sum() {
	cat "$R/etc/fstab" && echo .
}
run() { # DESCRIPTION STATUS [MESSAGE]
	said=$(ephemeral_fstab "$R" 2>&1)
	is "fstab file: $1" "$2" $?
	is "fstab file: $1: message" "${3:-}" "$said"
}

fresh
printf '# x\n/dev/xvdb /rw auto\n\n\n' >"$R/etc/fstab"
chmod 640 "$R/etc/fstab"
ln "$R/etc/fstab" "$R/etc/second"
run "edited in place" 0
is "fstab file: new text, all newlines" "$(printf '# x\n/dev/mapper/dmhome /rw auto\n\n\n.')" "$(sum)"
is "fstab file: mode" 640 "$(stat -c %a "$R/etc/fstab")"
ok "fstab file: still the same inode" cmp -s "$R/etc/fstab" "$R/etc/second"
run "a second time" 0
is "fstab file: no change by it" "$(printf '# x\n/dev/mapper/dmhome /rw auto\n\n\n.')" "$(sum)"

fresh
printf 'a\n/dev/xvdb b' >"$R/etc/fstab"
run "without a last newline" 0
is "fstab file: none is added" "$(printf 'a\n/dev/mapper/dmhome b.')" "$(sum)"

fresh
printf '/dev/vda / ext4\n' >"$R/etc/fstab"
touch -t 200101010000 "$R/etc/fstab"
then=$(stat -c %Y "$R/etc/fstab")
run "nothing to change" 0
is "fstab file: not even written" "$then" "$(stat -c %Y "$R/etc/fstab")"
ok "fstab file: (the clock would have shown it)" test "$then" -lt 1000000000

fresh
run "missing" 0
ok "fstab file: none is made" test ! -e "$R/etc/fstab"
rmdir "$R/etc"
run "no /etc" 0
ok "fstab file: no /etc is made" test ! -e "$R/etc"

fresh
mkdir "$R/etc/fstab"
run "a folder" 0

# Links of the root: what they mean inside of it.
line='/dev/xvdb /rw' new='/dev/mapper/dmhome /rw'
fresh
mkdir "$R/data"
echo "$line" >"$R/data/fstab"
ln -s ../data/fstab "$R/etc/fstab"
run "a relative link" 0
is "fstab file: a relative link is followed" "$new" "$(cat "$R/data/fstab")"
ok "fstab file: and is still a link" test -L "$R/etc/fstab"

fresh
mkdir -p "$R$T/out"
echo "$line" >"$T/out/fstab"
echo "$line" >"$R$T/out/fstab"
ln -s "$T/out/fstab" "$R/etc/fstab"
run "an absolute link" 0
is "fstab file: an absolute link is followed inside" "$new" "$(cat "$R$T/out/fstab")"
is "fstab file: and not outside" "$line" "$(cat "$T/out/fstab")"

fresh
echo "$line" >"$T/out/fstab"
ln -s "$T/out/fstab" "$R/etc/fstab"
run "an absolute link that leads nowhere inside" 0
is "fstab file: and outside is untouched" "$line" "$(cat "$T/out/fstab")"

fresh
echo "$line" >"$T/fstab"
ln -s ../../../../../../../../../../../../../../../../../../.."$T/fstab" "$R/etc/fstab"
run "a link with too many .." 0
is "fstab file: .. ends at the root" "$line" "$(cat "$T/fstab")"

fresh
rmdir "$R/etc"
echo "$line" >"$T/out/fstab"
ln -s "$T/out" "$R/etc"
run "/etc an absolute link" 0
is "fstab file: /etc a link: outside is untouched" "$line" "$(cat "$T/out/fstab")"

fresh
ln -s fstab "$R/etc/fstab"
run "a link to itself" 1 "xen-ephemeral: cannot follow /etc/fstab: too many links"

inside() { # PATH WANTED
	is "inside: $1" "$R$2" "$(ephemeral_inside "$R" "$1")"
}
fresh
mkdir -p "$R/usr/lib"
ln -s /usr/lib "$R/lib"
ln -s ../../../.. "$R/etc/up"
ln -s a/./b "$R/etc/long"
inside / ""
inside /etc/x /etc/x
inside etc//./x/ /etc/x
inside /lib/udev /usr/lib/udev
inside /lib/../x /usr/x
inside /../../x /x
inside /etc/up/x /x
inside /etc/long/../c /etc/a/c
inside '/a\tb/c d' '/a\tb/c d'

# The udev rules.
rules=etc/udev/rules.d/99-zz-xen-ephemeral.rules
fresh
is "udev: a root without it" 0 "$(status ephemeral_udev "$R")"
is "udev: gets nothing" etc "$(cd "$R" && echo *)"
for has in etc/udev usr/lib/udev lib/udev etc/udev/rules.d; do
	fresh
	mkdir -p "$R/$has"
	is "udev: a root with $has" 0 "$(status ephemeral_udev "$R")"
	ok "udev: with $has: rules" test -s "$R/$rules"
done
match='ACTION!="remove", SUBSYSTEM=="block", ATTR{dm/name}=="dmroot|dmhome|dmhome[0-9]*"'
is "udev: the rules" "$match, SYMLINK+=\"mapper/\$attr{dm/name}\", ENV{SYSTEMD_READY}=\"1\", OPTIONS+=\"link_priority=100\"
$match, IMPORT{builtin}=\"blkid\"
$match, ENV{ID_FS_UUID_ENC}==\"?*\", SYMLINK+=\"disk/by-uuid/\$env{ID_FS_UUID_ENC}\"
$match, ENV{ID_FS_LABEL_ENC}==\"?*\", SYMLINK+=\"disk/by-label/\$env{ID_FS_LABEL_ENC}\"" \
	"$(grep -v '^#' "$R/$rules")"
is "udev: sorted after systemd's" "99-systemd.rules" \
	"$(printf '%s\n' 99-systemd.rules "${rules##*/}" | LC_ALL=C sort | sed 1q)"
fresh
mkdir -p "$R/etc/udev"
ln -s "$T/out" "$R/etc/udev/rules.d"
is "udev: rules.d an absolute link" 0 "$(status ephemeral_udev "$R")"
is "udev: outside stays empty" "*" "$(cd "$T/out" && echo *)"
ok "udev: the rule is inside" test -f "$R$T/out/${rules##*/}"
fresh
mkdir -p "$R/etc/udev"
: >"$R/etc/udev/rules.d"
like "udev: rules.d a file: said" "xen-ephemeral: cannot make /etc/udev/rules.d in the root: *" "$(ephemeral_udev "$R" 2>&1)"
fresh
mkdir -p "$R/$rules"
is "udev: the rule's name a folder: said" \
	"xen-ephemeral: cannot write 99-zz-xen-ephemeral.rules into the root's /etc/udev/rules.d" \
	"$(ephemeral_udev "$R" 2>&1)"
is "udev: and fails" 1 "$(status ephemeral_udev "$R")"

fresh
is "gid of disk: no /etc/group" 0 "$(ephemeral_disk_gid "$R")"
printf 'root:x:0:\nxdisk:x:5:\ndisk:x:6:a,b\n' >"$R/etc/group"
is "gid of disk" 6 "$(ephemeral_disk_gid "$R")"
echo 'disk:x:7; rm:' >"$R/etc/group"
is "gid of disk: not a number" 0 "$(ephemeral_disk_gid "$R")"
echo end
