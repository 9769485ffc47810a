# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# Targets and modes that are refused before anything is opened.

# t NAME PARAMS MODE PATTERN
t() {
	new_vbd "$2" "$3"
	refused "$1" "$4"
}

v=volatile:dir=$T/files
file root.img 4M
mark

t "writable, a plain file" "$file" w 'not ephemeral'
t "read-only, but volatile" "$v,size=4M" r 'needs access=rw'
t "read-only cow" "cow:origin=$file,dir=$T/files,size=4M" r 'a cow: target needs access=rw'
t "cow without origin=" "cow:dir=$T/files,size=4M" w 'origin= must be there'
t "cow without a store" "cow:origin=$file" w 'cannot use this cow: target: dir= and size=, or dev='
t "cow, no size" "cow:origin=$file,dir=$T/files" w 'dir= needs size='
t "cow, origin twice" "cow:origin=$file,origin=$file,dir=$T/files,size=4M" w 'option origin: given twice'
t "cow, unknown option" "cow:origin=$file,dir=$T/files,size=4M,fast" w 'unknown option of a cow target'
t "cow, discard" "cow:origin=$file,dir=$T/files,size=4M,discard" w 'a snapshot takes no discards'
t "cow, workqueue 2" "cow:origin=$file,dir=$T/files,size=4M,workqueue=2" w 'none, read, write or both'
t "cow, sector=4096" "cow:origin=$file,dir=$T/files,size=4M,sector=4096" w 'the sectors are those of its origin'
t "cow, a relative origin" "cow:origin=root.img,dir=$T/files,size=4M" w 'not an absolute path'
t "an origin of a volatile" "$v,size=4M,origin=$file" w 'unknown option of a volatile target'
t "mode rw" "$file" rw 'mode is r or w'
t "mode w!" "$v,size=4M" 'w!' 'mode is r or w'
t "mode with a NUL" "$file" 'r\x00w' 'mode is r or w'
t "mode of 9 bytes" "$file" rrrrrrrrr 'mode is r or w'
t "a relative path" root.img r 'neither an absolute path'
t "no target" '' r 'neither an absolute path'
t "an unknown option" "$v,size=4M,fast" w 'unknown option'
t "a repeated option" "$v,size=4M,size=4M" w 'option size: given twice'
t "an empty option" "$v,size=4M," w 'unknown option'
t "no size" "$v" w 'dir= needs size='
t "no store" volatile:discard w 'must be there'
t "two stores" "$v,dev=$file" w 'not both'
t "a size for dev=" "volatile:dev=$file,size=4M" w 'its own size'
t "size 0" "$v,size=0" w 'cannot understand size'
t "size -4M" "$v,size=-4M" w 'cannot understand size'
t "size 12X" "$v,size=12X" w 'cannot understand size'
t "size of 2^63" "$v,size=8388608T" w 'too large'
t "size of 2^64" "$v,size=16777216T" w 'too large'
t "size 1000" "$v,size=1000" w 'multiple of 4096'
t "sector 1024" "$v,size=4M,sector=1024" w '512 or 4096'
t "workqueue 2" "$v,size=4M,workqueue=2" w 'none, read, write or both'
t "a relative dir=" volatile:dir=files,size=4M w 'not an absolute path'
t "a newline" "$file\\n" r 'control character'
t "a NUL" "$file\\x00.img" r 'control character'
t "a NUL in volatile" "$v,size=4M\\x00" w 'control character'
# The path counts for xenstore's 4,096 bytes too, so this is the longest that can stand there.
long=$(printf '%4060s' '' | tr ' ' a)
t "4,060 bytes" "/$long" r 'File name too long'
t "4,060 bytes, volatile" "volatile:dev=/${long:20}" w 'File name too long'
long=$(printf '%2000s' '' | sed 's| |a/|g')
t "4,000 bytes of folders" "/$long" r 'No such file'

domid=-1
new_vbd "$v,size=4M" w
refused "domain 0, writable" 'domain 0 gets no writable disk'
domid=-1
new_vbd "cow:origin=$file,dir=$T/files,size=4M" w
refused "domain 0, cow" 'domain 0 gets no writable disk'
vbd 0 51713 "$file" r
accepted "domain 0, read-only"
destroy

# Nothing of the host was touched for any of them.
is "$(events | grep -v '^xs_' | grep -v '^loop autoclear read-only$')" '' "nothing was tried"
