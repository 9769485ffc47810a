# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# A blkback that does not do what it is asked for. The disk is refused, and its device goes.
file root.img 4M

# What blkback has open it closes when it sees that the disk has failed, here: when the toolstack
# takes the disk away; so the device's end is looked at after that.
wrong() {
	blkback "$1"
	new_vbd "$3" "$4"
	mark
	add
	is "$(refusal "$2")" '' "$1, mode $4"
	is "$(node physical-device)" '' "$1, mode $4: is taken back"
	[ "$4" = r ] || like "$(events | tr '\n' ' ')" \
		'reload xeneph[^ ]* error .*resume' "$1, mode $4: the key goes at once"
	destroy
	nothing "$1, mode $4: nothing is left"
}

volatile=volatile:dir=$T/files,size=4M
wrong other-device 'opened another device' "$file" r
wrong other-device 'opened another device' "$volatile" w
wrong other-mode 'opened it in another mode' "$file" r
wrong other-mode 'opened it in another mode' "$volatile" w

# closing: blkback says so in state, which is then not what it was; all else is.
closing() {
	blkback closing
	new_vbd "$1" "$2"
	add
	is "$(refusal 'could not open it')" '' "closing, mode $2"
	is "$(node physical-device)" '' "closing, mode $2: is taken back"
	nothing "closing, mode $2: nothing is left"
}
closing "$file" r
closing "$volatile" w

blkback gone
empty=$(world)
new_vbd "$volatile" w
add
like "$status $stderr" '^1 .*could not open it, or it is being removed' "removed meanwhile"
unchanged "$empty" "removed meanwhile: nothing is left, no node is made"

blkback never
new_vbd "$volatile" w
SECONDS=0
refused "never opens" 'blkback did not open it in [0-9]+ s'
ok "never opens: said long before xl's 40 s" test "$SECONDS" -ge 10 -a "$SECONDS" -le 30

# xl's own end for a script that takes too long.
new_vbd "$volatile" w
background "$T/killed" env XENBUS_PATH="$disk" LD_PRELOAD="$BUILD/tests/component/dm-shim.so" \
	"${under[@]}" "$program" add
adding=$pid
wait_for 20 node physical-device || fail_with "add gets to its wait"
stop "$adding"
nothing "killed while it waits"
remove
is "$status$stderr" 0 "killed while it waits: remove"
