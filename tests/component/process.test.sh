# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# The process: what it inherits, what it starts, and where the key is while it runs.
volatile=volatile:dir=$T/files,size=4M
script=$T/block-ephemeral
sed "s|@libexecdir@|$BUILD|" "$here/../../xen-hotplug-scripts/block-ephemeral.in" >"$script"
chmod 755 "$script"

# a NAME COMMAND...: add works behind COMMAND.
a() {
	new_vbd "$volatile" w
	accepted "$@"
	destroy
	remove
	is "$status" 0 "$1: remove"
}
a "all signals ignored" env --ignore-signal
a "all signals blocked" env --block-signal
a "stdin closed" bash -c 'exec "$@" <&-' -
a "stdin and stdout closed" bash -c 'exec "$@" <&- >&-' -
a "all three closed" bash -c 'exec "$@" <&- >&- 2>&-' -
# shellcheck disable=SC2016 # for the other shell
a "1,000 descriptors" bash -c 'for ((i = 3; i < 1000; i++)); do eval "exec $i</dev/null"; done; exec "$@"' -
# shellcheck disable=SC2016
a "a folder that is gone" env T="$T" bash -c 'mkdir "$T/gone"; cd "$T/gone"; rmdir "$T/gone"; exec "$@"' -
a "an umask of 777" bash -c 'umask 777; exec "$@"' -

# The store itself is among what was inherited: not "open elsewhere", since it is closed first.
file store 4M
new_vbd "volatile:dev=$file" w
# shellcheck disable=SC2016
accepted "the store as an inherited descriptor" env F="$file" bash -c 'exec 7<>"$F"; exec "$@"' -
destroy
wait_for 10 nothing_left

# A message for stderr must not end up in what took its number.
new_vbd "$volatile,x" w
add bash -c 'exec "$@" <&- >&- 2>&-' -
is "$status $(node hotplug-status)" "1 error" "refused with all three closed"
like "$(node hotplug-error)" 'unknown option' "refused with all three closed: xenstore's talk is unharmed"

standard() { targets=$(for fd in 0 1 2; do readlink "/proc/$adding/fd/$fd"; done | xargs); }
new_vbd "$volatile" w
# shellcheck disable=SC2016
behind=(bash -c 'exec "$@" <&- >&- 2>&-' -)
interrupted reload standard
behind=()
is "$targets" "/dev/null /dev/null /dev/null" "all three closed: nothing else gets their numbers"
destroy

# Nobody reads what is said on stderr: it is still said in xenstore and in syslog, and by the status.
new_vbd "$volatile,x" w
# shellcheck disable=SC2016
add bash -c 'exec 2> >(:); sleep 1; exec "$@"' -
is "$status $(node hotplug-status)" "1 error" "refused with a stderr that is gone"
ok "refused with a stderr that is gone: in syslog" \
	wait_for 10 grep -q "disk 51712 of domain $domid: unknown option" "$T/syslog"

# peek: looks at the process while it is stopped.
peek() {
	keys_seen=$(keys)
	locked=$(sed -n 's/^VmLck:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$adding/status")
	core=$(sed -n 's/^Max core file size *\([^ ]*\) *\([^ ]*\).*/\1 \2/p' "/proc/$adding/limits")
	cmdline=$(tr '\0' ' ' <"/proc/$adding/cmdline")
}
ulimit -c unlimited 2>/dev/null
new_vbd "$volatile" w
interrupted reload-crypt peek
like "$keys_seen" '^xeneph:xeneph-' "the key is in the keyring when the table is loaded"
ok "its memory is locked then" test "$locked" -gt 0
is "$core" "0 0" "it leaves no core dump"
is "$cmdline" "$program add " "it has no more arguments than it was given"
destroy

await_no_keys() {
	wait_for 10 no_keys
	keys_seen=$(keys)
}
for at in resume xs_transaction_start; do
	new_vbd "$volatile" w
	interrupted "$at" await_no_keys
	is "$keys_seen" '' "no key is left at $at"
	destroy
done
wait_for 10 nothing_left

# traced VERB: what the script starts.
traced() {
	new_vbd "$volatile" w
	[ "$1" = add ] || {
		add
		destroy
	}
	# A leak checker's thread would be another process, and cannot trace what is traced.
	XENBUS_PATH=$disk strace -f -qq -o "$T/trace" -E LD_PRELOAD="$BUILD/tests/component/dm-shim.so" \
		-E ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" -e trace=execve,execveat,fork,vfork,clone,clone3 "$script" "$1" 2>"$T/stderr"
	is "$? $(cat "$T/stderr")" "0 " "the script, $1"
	is "$(grep -c 'execve.* = 0' "$T/trace")" 2 "the script, $1: one execve after its own"
	is "$(grep -c 'fork\|clone\|execveat' "$T/trace")" 0 "the script, $1: no other process"
	destroy
}
traced add
traced remove 2>/dev/null
new_vbd "$volatile,x" w
XENBUS_PATH=$disk "$script" add 2>"$T/stderr"
is "$?" 1 "the script's status is the program's"
like "$(cat "$T/stderr")" '^xen-ephemeral: add: disk 51712 of domain [0-9]+: unknown option .* x: known are' \
	"the script says on stderr what was tried, on what, and why it failed"
